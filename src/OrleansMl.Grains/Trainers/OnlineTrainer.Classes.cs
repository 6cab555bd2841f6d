using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <content>Targets of more than two classes: an answer is a probability for each.</content>
internal sealed partial class OnlineTrainer
{
    private readonly double[] _answer;
    private ClassPriorBaseline? _classPrior;

    /// <summary>Of more than two classes: the probability of each by how often it came; empty before the first label.</summary>
    public ImmutableArray<double> ClassPrior
    {
        get
        {
            if (_classPrior is not { Count: > 0 } prior)
                return [];
            var probabilities = new double[prior.Classes];
            prior.Predict(probabilities);
            return [.. probabilities];
        }
    }

    /// <summary>Scores everyone on a row of several classes that the learner has not learned yet.</summary>
    private void JudgeClasses(LabeledExample example, in FeatureSpan x)
    {
        var label = example.Label;
        if (!double.IsFinite(Probe(_learner!, x)))
            throw new LearnerException("The learner answers a probability that is no number; reset it, or lower learningRate.");
        if (example is { Correction: true } or { Organic: true })
            return;
        var predicted = ClassAnswer.Of(_answer, label);
        Evaluate(LearnerName, predicted, label);
        if (example is { ServedClasses: { } served, ServedVersion: not null })
            Evaluate(ServedName, served, label);
        if (_noChange.Count > 0)
            Evaluate(NoChangeName, ClassAnswer.Certain(_noChange.Predict(), label), label);
        if (_classPrior!.Count > 0)
            Evaluate(PriorName, _classPrior.Answer(label), label);
        if (ChampionClasses(example, x) is { } champion)
        {
            _comparison ??= new ChampionComparison(_model);
            _comparison.Add(example, champion, predicted);
        }

        if (IsLive && _base is not null)
        {
            _base.Answer(x, _answer);
            var metric = ChampionComparison.MetricOf(_model);
            AddGain(ChampionComparison.Loss(metric, ClassAnswer.Of(_answer, label), label) - ChampionComparison.Loss(metric, predicted, label));
        }

        if (Cooldown > 0)
            Cooldown--;
    }

    /// <summary>What the champion says of the row, judged: by its weights, else by what it served.</summary>
    private ClassAnswer? ChampionClasses(LabeledExample example, in FeatureSpan x)
    {
        if (_champion is null)
            return ChampionVersion is { } version && example.ServedVersion == version ? example.ServedClasses : null;
        _champion.Answer(x, _answer);
        return ClassAnswer.Of(_answer, example.Label);
    }

    /// <summary>A number that is finite where all of the answer is; of several classes the answer is left in its place.</summary>
    private double Probe(ILearner learner, in FeatureSpan x)
    {
        if (_answer.Length == 1)
            return learner.PredictOne(x);
        learner.Answer(x, _answer);
        double sum = 0;
        foreach (var probability in _answer)
            sum += probability;
        return sum;
    }

    private void Evaluate(string predictor, in ClassAnswer answer, double label) => EvaluationOf(predictor).Add(answer, label);
}
