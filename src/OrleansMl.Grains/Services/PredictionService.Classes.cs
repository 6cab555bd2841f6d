using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Predictions;
using OrleansMl.Serving;

namespace OrleansMl.Services;

/// <remarks>Answers of more than two classes: a probability for each, of which the most probable class is the label.</remarks>
internal sealed partial class PredictionService
{
    /// <summary>An answer names so many classes at most; of more, the most probable ones.</summary>
    internal const int NamedClasses = 20;

    private static PredictResponse AnswerOfClasses(CompiledModel model, Scores scores, Readings readings)
    {
        var target = model.Target!;
        ReadOnlySpan<double> probabilities = scores.Values;
        var said = MostProbable(probabilities);
        var (score, label) = scores.Postprocessor.Apply(probabilities[said], target.ClassName(said), readings.Vectors[0].Number);
        return Empty(model, scores, readings) with { Label = label, Score = score, Values = Named(target, probabilities) };
    }

    /// <summary>All classes in their order, or the most probable ones, the most probable first.</summary>
    private static ImmutableArray<NamedValue> Named(TargetDefinition target, ReadOnlySpan<double> probabilities)
    {
        var places = new int[probabilities.Length];
        for (var i = 0; i < places.Length; i++)
            places[i] = i;
        if (places.Length > NamedClasses)
        {
            var keys = new double[places.Length];
            for (var i = 0; i < keys.Length; i++)
                keys[i] = -probabilities[i];
            Array.Sort(keys, places);
        }

        var named = ImmutableArray.CreateBuilder<NamedValue>(Math.Min(places.Length, NamedClasses));
        foreach (var place in places.AsSpan(0, named.Capacity))
            named.Add(new NamedValue(target.ClassName(place), Scalar.Of(probabilities[place])));
        return named.MoveToImmutable();
    }

    /// <summary>Place in a row of scores of the one that an answer of a single vector is about: the most probable class, or the only number.</summary>
    private static int MostProbable(ReadOnlySpan<double> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
            best = scores[i] > scores[best] ? i : best;
        return best;
    }

    /// <summary>A version of classes that are declared no more answers nobody: where there is a learner, the prior answers until it has learned.</summary>
    private static bool HasLearnerInPlaceOf(ClassPlaces classes) => classes.WhyNot is not null && classes.Model.Definition.Learner is not null;

    /// <summary>A version may have been registered with steps that fit no such answer.</summary>
    private static OmlError? WhyNotSteps(CompiledModel model, int version, Postprocessor steps) => model.AnswerWidth > 1 && steps.NeedsOneScore
        ? new OmlError("cannot_score", 422, $"Version {version} of model '{model.Name}' calibrates, combines or thresholds one score, and target '{model.Target!.Name}' has a probability for each of {model.AnswerWidth} classes; register it without these steps.")
        : null;
}
