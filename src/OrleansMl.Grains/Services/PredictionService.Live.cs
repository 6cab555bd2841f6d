using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Predictions;
using OrleansMl.Serving;

namespace OrleansMl.Services;

/// <remarks>Answers of a live learner itself: in this process, by this silo's copy of it.</remarks>
internal sealed partial class PredictionService
{
    /// <summary>
    /// The live learner's scores; null where a version is meant: the request names one, the model is served by promotion, or the
    /// champion answers because it is another one, or no copy is here yet, or its answer is no number.
    /// </summary>
    private async ValueTask<Scores?> ScoreLiveAsync(CompiledModel model, PredictRequest request, ImmutableArray<ServedVector> vectors, CancellationToken cancellationToken)
    {
        if (model.Definition.Learner is not { Live: true } || request.Version is not null || request.Alias is not null)
            return null;
        var view = await plans.GetAsync(model.Name, cancellationToken);
        var answer = live.TryScore(model, view.Plan, [.. vectors.Select(v => v.Columns.Select(c => c.Value).ToArray())]);

        return answer is not null && answer.Values.All(double.IsFinite)
            ? new Scores(answer.Version, answer.Values, StepsOf(model, view, answer.Version)) { Revision = answer.Revision, Learned = answer.Revision }
            : null;
    }

    /// <summary>
    /// The steps as declared now, since a live answer does not wait for the next version to follow a change of them; but a calibration
    /// is fitted with a version only.
    /// </summary>
    private static Postprocessor StepsOf(CompiledModel model, PlanView view, int version) =>
        model.Definition.Postprocess.Any(step => step.Calibrate is not null) && view.ManifestOf(version) is { Postprocess: not null } manifest
            ? view.PostprocessorOf(manifest)
            : new Postprocessor(model.Definition.Postprocess);

    /// <summary>
    /// The live learner may have learned more since it answered: so the score is taken again, and all of the explanation is of one
    /// revision.
    /// </summary>
    private async ValueTask<Explanation?> ExplainLiveAsync(CompiledModel model, ServedVector vector, ImmutableArray<ImmutableArray<Scalar>> without, CancellationToken cancellationToken)
    {
        var view = await plans.GetAsync(model.Name, cancellationToken);
        ImmutableArray<Scalar> whole = [.. vector.Columns.Select(c => c.Value)];
        if (live.TryScore(model, view.Plan, [whole, .. without]) is not { } answer || !double.IsFinite(answer.Values[0]))
            return null;
        var width = model.AnswerWidth;
        var place = MostProbable(answer.Values.AsSpan(0, width));
        return Occlusion.Explain(vector, answer.Values[place], [.. Enumerable.Range(1, without.Length).Select(row => answer.Values[(row * width) + place] is var v && double.IsFinite(v) ? v : (double?)null)]);
    }
}
