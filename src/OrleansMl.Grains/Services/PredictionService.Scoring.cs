using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Predictions;
using OrleansMl.Serving;

namespace OrleansMl.Services;

/// <remarks>Who scores the vectors: the live learner, the version meant, here or on another silo, or the prior.</remarks>
internal sealed partial class PredictionService
{
    /// <summary>The model's scores, by the version meant; by the prior when none serves.</summary>
    private async Task<OmlResult<Scores>> ScoreAsync(CompiledModel model, PredictRequest request, ImmutableArray<ServedVector> vectors, CancellationToken cancellationToken)
    {
        if (await ScoreLiveAsync(model, request, vectors, cancellationToken) is { } byLearner)
            return byLearner;
        if (!router.ServesHere)
            return await ScoreElsewhereAsync(model, request, vectors, cancellationToken);
        var acquired = await plans.AcquireAsync(model.Name, request.Version, request.Alias, request.Entity, cancellationToken);
        if (!acquired.TryGet(out var lease, out var error))
            return error;
        if (lease is null)
            return await ScoreByPriorAsync(model, vectors.Length);
        using (lease)
        {
            if (request.Version is null && request.Alias is null && (IsOfAnotherLineage(lease.Version.Manifest, model) || HasLearnerInPlaceOf(lease.Version.ClassesOf(model))))
                return await ScoreByPriorAsync(model, vectors.Length);
            var (plan, version, started) = (lease.View.Plan, lease.Version.Manifest.Version, Stopwatch.GetTimestamp());
            try
            {
                if (WhyNotSteps(model, version, lease.Version.Postprocessor) is { } unfit)
                    return unfit;
                var scores = new Scores(version, ScoreAll(lease.Version, model, vectors), lease.Version.Postprocessor) { Learned = LearnedBy(lease.Version.Manifest) };
                if (IsDrawn(request))
                    answers.Answered(plan, version, Stopwatch.GetElapsedTime(started));
                return scores;
            }
            catch (ScoringException exception)
            {
                if (IsDrawn(request))
                    answers.Failed(plan, version);
                if (IsOnTrial(plan, request, version))
                    return await ScoreAsync(model, request with { Version = plan.Rollout!.Champion }, vectors, cancellationToken);
                return new OmlError("cannot_score", 422, exception.Message);
            }
        }
    }

    /// <summary>The same on a silo that loads no versions: the vectors go to one that does.</summary>
    private async Task<OmlResult<Scores>> ScoreElsewhereAsync(CompiledModel model, PredictRequest request, ImmutableArray<ServedVector> vectors, CancellationToken cancellationToken)
    {
        var view = await plans.GetAsync(model.Name, cancellationToken);
        if (!view.Resolve(request.Version, request.Alias, view.PointOf(request.Entity)).TryGet(out var meant, out var error))
            return error;
        if (meant is not { } version || view.ManifestOf(version) is not { } manifest || (request.Version is null && request.Alias is null && (IsOfAnotherLineage(manifest, model) || HasLearnerInPlaceOf(ClassPlaces.Of(manifest, model)))))
            return await ScoreByPriorAsync(model, vectors.Length);
        var started = Stopwatch.GetTimestamp();
        var scored = await router.ScoreAsync(new ModelVersionId(model.Name, version), [.. vectors.Select(v => v.Columns.Select(c => c.Value).ToImmutableArray())], cancellationToken);
        if (scored.IsSuccess && IsDrawn(request))
            answers.Answered(view.Plan, version, Stopwatch.GetElapsedTime(started));
        else if (scored.Error?.Code == "cannot_score" && IsDrawn(request))
            answers.Failed(view.Plan, version);
        if (!scored.IsSuccess && IsOnTrial(view.Plan, request, version))
            return await ScoreElsewhereAsync(model, request with { Version = view.Plan.Rollout!.Champion }, vectors, cancellationToken);
        return !scored.TryGet(out var values, out error) ? error
            : WhyNotSteps(model, version, view.PostprocessorOf(manifest)) is { } unfit ? unfit
            : new Scores(version, [.. values], view.PostprocessorOf(manifest)) { Learned = LearnedBy(manifest) };
    }

    private static double[] ScoreAll(LoadedVersion version, CompiledModel model, ImmutableArray<ServedVector> vectors)
    {
        var width = model.AnswerWidth;
        var values = new double[vectors.Length * width];
        for (var i = 0; i < vectors.Length; i++)
            version.Score(model, [.. vectors[i].Columns.Select(c => c.Value)], values.AsSpan(i * width, width));
        return values;
    }

    /// <summary>It names no version: the traffic decides, and a rollout counts the answer.</summary>
    private static bool IsDrawn(PredictRequest request) => request.Version is null && request.Alias is null;

    /// <summary>A candidate that is rolled out must not cost a call its answer: the champion gives it.</summary>
    private static bool IsOnTrial(ServingPlan plan, PredictRequest request, int version) =>
        IsDrawn(request) && plan.Rollout?.Candidate == version;

    /// <summary>After a reset the old champion was learned on other columns: until the new learner stands, the prior answers.</summary>
    private static bool IsOfAnotherLineage(VersionManifest manifest, CompiledModel model) =>
        manifest.Tags.TryGetValue("lineage", out var lineage) && lineage != model.Lineage.ToString(CultureInfo.InvariantCulture);

    private async Task<OmlResult<Scores>> ScoreByPriorAsync(CompiledModel model, int count)
    {
        if (model.Definition.Learner is null)
        {
            return OmlError.Unavailable("not_ready",
                $"Model '{model.Name}' has no version to serve and no learner to make one: register a version (POST /api/v1/models/{model.Name}/versions).");
        }

        if (model.AnswerWidth is var classes and > 1)
        {
            var shares = await grains.GetGrain<ITrainerGrain>(model.Name).GetClassPriorAsync();
            return new Scores(null, shares.Length == classes ? [.. shares] : [.. Enumerable.Repeat(1.0 / classes, classes)], new Postprocessor(model.Definition.Postprocess));
        }

        var prior = await grains.GetGrain<ITrainerGrain>(model.Name).GetPriorAsync() ?? (model.Target?.Type == TargetType.Binary ? 0.5 : 0);
        return new Scores(null, [.. Enumerable.Repeat(prior, count)], new Postprocessor(model.Definition.Postprocess));
    }

    /// <summary>Outcomes that a version has learned; 0: it does not say.</summary>
    private static long LearnedBy(VersionManifest manifest) =>
        manifest.Tags.TryGetValue("examples", out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var examples) ? examples : 0;

    /// <param name="Version">Null: the prior.</param>
    /// <param name="Values">[N, <see cref="CompiledModel.AnswerWidth"/>] of the vectors, before post-processing.</param>
    /// <param name="Postprocessor">The version's own, or the declared one.</param>
    private sealed record Scores(int? Version, double[] Values, Postprocessor Postprocessor)
    {
        /// <summary>Of the live learner that answered; null: the version did.</summary>
        public long? Revision { get; init; }

        /// <summary>Outcomes behind them.</summary>
        public long Learned { get; init; }
    }
}
