using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Features;
using OrleansMl.Live;
using OrleansMl.Predictions;
using OrleansMl.Rollouts;
using OrleansMl.Serving;
using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <inheritdoc cref="IPredictionService"/>
/// <remarks>
/// One hop to the grain of each entity for the features, none for the model: the version that the plan names is called
/// where it lies in this process. The answer leaves after the vector is durable.
/// </remarks>
internal sealed partial class PredictionService(
    CatalogCache catalog,
    PlanCache plans,
    IGrainFactory grains,
    IPredictionLog predictions,
    ShadowRunner shadows,
    ReplicaRouter router,
    LiveLearners live,
    PredictionInstruments instruments,
    ServedAnswers answers,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock) : IPredictionService
{
    public async Task<OmlResult<PredictResponse>> PredictAsync(PredictRequest request, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await catalog.Loaded.WaitAsync(cancellationToken);
        var compiled = catalog.Current;
        if (!compiled.Models.TryGetValue(request.Model, out var model))
        {
            return plans.TryGet(request.Model, out _)
                ? OmlError.Conflict($"Model '{request.Model}' is registered but no application declares it, so it has no inputs by name here: call /v2/models/{request.Model}/infer, or declare it.", code: "not_declared")
                : compiled.UnknownModel(request.Model);
        }

        if ((RequestCheck.WhyNot(model, request) ?? WhyNotNow(compiled, model, request)) is { } invalid)
            return invalid;
        if (request.RequestId is { } requestId && await predictions.FindByRequestAsync(model.Name, requestId, cancellationToken) is { } earlier)
            return Replay(earlier);

        var read = await ReadVectorsAsync(model, request);
        if (!read.TryGet(out var vectors, out var error))
            return error;
        var scored = await ScoreAsync(model, request, vectors.Vectors, cancellationToken);
        if (!scored.TryGet(out var scores, out error))
            return error;

        var (response, decision) = model.Definition.Candidates is null
            ? (AnswerOne(model, scores, vectors), default)
            : AnswerRanked(model, request, scores, vectors);
        if (request.IncludeFeatures)
            response = response with { Features = vectors.Vectors[0].Columns };
        if (request.IncludeExplanation)
            response = response with { Explanation = await ExplainAsync(model, request, response, scores, vectors.Vectors, cancellationToken) };
        var logged = await LogAsync(model, request, response, scores, vectors, decision, cancellationToken);
        if (request.Version is null && request.Alias is null && scores.Version is not null)
            Shadow(model, scores, vectors.Vectors);

        var tags = new TagList { { "model", model.Name }, { "version", response.Version ?? 0 } };
        instruments.Predictions.Add(1, tags);
        instruments.Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("model", model.Name));
        return logged;
    }

    private OmlError? WhyNotNow(CompiledCatalog compiled, CompiledModel model, PredictRequest request)
    {
        if (request.EventTime is not { } time)
            return null;
        var maxFuture = model.Definition.Entity is { } type && compiled.Entities.TryGetValue(type, out var entity) ? entity.MaxFuture : TimeSpan.FromMinutes(5);
        var now = clock.GetUtcNow().UtcDateTime;
        if (time <= now + maxFuture)
            return null;
        var detail = $"The prediction's time {time:O} is more than {maxFuture} ahead of {now:O}; check the sender's clock.";
        return OmlError.Invalid(detail, "too_far_in_future") with { Faults = [new OmlFault("too_far_in_future", detail) { Pointer = "/eventTime" }] };
    }

    /// <summary>One vector, or one for each candidate, all at the same time of the entity's clock.</summary>
    private async Task<OmlResult<Readings>> ReadVectorsAsync(CompiledModel model, PredictRequest request)
    {
        FeatureReading? entity = null;
        if (request.Entity is { } id && !model.EntityNames.IsEmpty)
        {
            var read = await grains.FeatureCache(id).ReadAsync(new FeatureQuery(model.EntityNames, null) { At = request.EventTime });
            if (!read.TryGet(out entity, out var error))
                return error;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var time = request.EventTime ?? entity?.AsOf ?? now;
        if (model.Definition.Candidates is null)
            return new Readings(now, time, entity?.Sequence ?? 0, [VectorBuilder.Build(model, request.Inputs, [], entity, null, time)]);

        var candidates = await Task.WhenAll(request.Candidates.Select(async c => model.CandidateNames.IsEmpty
            ? (OmlResult<FeatureReading>?)null
            : await grains.FeatureCache(c.Entity).ReadAsync(new FeatureQuery(model.CandidateNames, null) { At = time })));
        var vectors = ImmutableArray.CreateBuilder<ServedVector>(candidates.Length);
        for (var i = 0; i < candidates.Length; i++)
        {
            if (candidates[i]?.Error is { } error)
                return error;
            vectors.Add(VectorBuilder.Build(model, request.Inputs, request.Candidates[i].Inputs, entity, candidates[i]?.Value, time));
        }

        return new Readings(now, time, entity?.Sequence ?? 0, vectors.MoveToImmutable());
    }

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

    /// <summary>By the version that answered; null when it was the prior, or when the version left in this instant.</summary>
    private async Task<Explanation?> ExplainAsync(CompiledModel model, PredictRequest request, PredictResponse response, Scores scores, ImmutableArray<ServedVector> vectors, CancellationToken cancellationToken)
    {
        if (scores.Version is not { } version)
            return null;
        var place = response.Ranked.IsEmpty ? 0 : request.Candidates.ToList().FindIndex(c => c.Entity == response.Ranked[0].Entity);
        var rows = Occlusion.Rows(vectors[place]);
        if (model.AnswerWidth > 1)
            place = MostProbable(scores.Values);
        var vector = vectors[model.AnswerWidth > 1 ? 0 : place];
        if (scores.Revision is not null)
            return await ExplainLiveAsync(model, vector, rows, cancellationToken);
        if (!router.ServesHere)
            return Occlusion.Explain(vector, scores.Values[place], await ScoreRowsElsewhereAsync(new ModelVersionId(model.Name, version), rows, model.AnswerWidth > 1 ? place : 0, cancellationToken));
        var acquired = await plans.AcquireAsync(model.Name, version, null, request.Entity, cancellationToken);
        if (!acquired.TryGet(out var lease, out _) || lease is null)
            return null;
        using (lease)
            return Occlusion.Explain(vector, scores.Values[place], [.. rows.Select(r => Occlusion.TryScore(model, lease.Version, r, place))]);
    }

    /// <summary>A call for each row: one that the model cannot score must not cost the others their answer.</summary>
    private async Task<double?[]> ScoreRowsElsewhereAsync(ModelVersionId version, ImmutableArray<ImmutableArray<Scalar>> rows, int place, CancellationToken cancellationToken) =>
        await Task.WhenAll(rows.Select(async r => (await router.ScoreAsync(version, [r], cancellationToken)).TryGet(out var score, out _) ? score[place] : (double?)null));

    private void Shadow(CompiledModel model, Scores scores, ImmutableArray<ServedVector> vectors)
    {
        foreach (var version in shadows.ShadowsOf(model.Name))
            shadows.Post(model.Name, version, loaded => new(ShadowComparison.OfScores(scores.Values, ScoreAll(loaded, model, vectors))));
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

    private static PredictResponse AnswerOne(CompiledModel model, Scores scores, Readings readings)
    {
        if (model.AnswerWidth > 1)
            return AnswerOfClasses(model, scores, readings);
        var score = scores.Postprocessor.Calibrate(scores.Values[0]);
        var (final, label) = Postprocess(model, scores, 0, readings.Vectors[0]);
        var binary = model.Target is { Type: TargetType.Binary };
        return Empty(model, scores, readings) with
        {
            Label = label,
            Score = final,
            Values = binary ? [new NamedValue(model.Target!.ClassName(0), Scalar.Of(1 - score)), new NamedValue(model.Target!.ClassName(1), Scalar.Of(score))] : [],
        };
    }

    /// <summary>The answer, and what it was drawn from where the model explores.</summary>
    private static (PredictResponse Answer, ReadOnlyMemory<byte> Decision) AnswerRanked(CompiledModel model, PredictRequest request, Scores scores, Readings readings)
    {
        var answer = Empty(model, scores, readings);
        var values = new double[scores.Values.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = Postprocess(model, scores, i, readings.Vectors[i]).Score;
        var slate = RankedSlate.Of(model, request, values, readings.Vectors, scores.Postprocessor.TopK, answer.PredictionId, scores.Version is null ? null : scores.Learned);
        return (answer with { Ranked = slate.Shown, Propensity = slate.Propensity }, slate.Decision);
    }

    /// <summary>Outcomes that a version has learned; 0: it does not say.</summary>
    private static long LearnedBy(VersionManifest manifest) =>
        manifest.Tags.TryGetValue("examples", out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var examples) ? examples : 0;

    private static PredictResponse Empty(CompiledModel model, Scores scores, Readings readings) => new()
    {
        PredictionId = Guid.CreateVersion7().ToString("n"),
        Model = model.Name,
        Version = scores.Version,
        Revision = scores.Revision,
        Fallback = scores.Version is null ? "prior" : null,
        Sequence = readings.Sequence,
    };

    private static (double Score, string? Label) Postprocess(CompiledModel model, Scores scores, int index, ServedVector vector)
    {
        var score = scores.Values[index];
        var label = model.Target is { Type: TargetType.Binary } target ? target.ClassName(scores.Postprocessor.Calibrate(score) < 0.5 ? 0 : 1) : null;
        return scores.Postprocessor.Apply(score, label, vector.Number);
    }

    /// <summary>
    /// Logs what was answered: one record, or one for each candidate shown (what was not shown can have no outcome). The
    /// first carries the answer's id and the request's.
    /// </summary>
    private async Task<PredictResponse> LogAsync(CompiledModel model, PredictRequest request, PredictResponse response, Scores scores, Readings readings, ReadOnlyMemory<byte> decision, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(response, ResponseJson.Default.PredictResponse);
        if (response.Ranked.IsEmpty)
        {
            var record = Record(model, request, response, scores.Version is null ? null : scores.Values[0], readings, 0, "", response.PredictionId, bytes);
            if (model.AnswerWidth > 1 && scores.Version is not null)
                record = record with { Score = response.Score, Decision = ProbabilityCodec.Encode(scores.Values) };
            var append = await AppendAsync(record, cancellationToken);
            return append.IsRepeat ? Replay(append.Stored) : response;
        }

        var places = request.Candidates.Select((c, i) => (c.Entity, i)).ToDictionary(c => c.Entity, c => c.i);
        var records = response.Ranked.Select((c, rank) => Record(
            model, request, response, scores.Version is null ? null : scores.Values[places[c.Entity]], readings, places[c.Entity], c.Entity.Id,
            rank == 0 ? response.PredictionId : Guid.CreateVersion7().ToString("n"), bytes) with
        { Propensity = c.Propensity, Decision = rank == 0 ? decision : default }).ToArray();

        // The first one decides whether the request is a repeat.
        var first = await AppendAsync(records[0], cancellationToken);
        if (first.IsRepeat)
            return Replay(first.Stored);
        await Task.WhenAll(records.Skip(1).Select(r => AppendAsync(r with { RequestId = null }, cancellationToken)));
        return response;
    }

    private async Task<PredictionAppend> AppendAsync(PredictionRecord record, CancellationToken cancellationToken)
    {
        var append = await predictions.AppendAsync(record, cancellationToken);
        if (append is { IsRepeat: false, HasPendingOutcome: true })
            await grains.GetGrain<IOutcomeJoinGrain>(record.EntityKey).JoinPendingAsync(record.PredictionId);
        return append;
    }

    private static PredictionRecord Record(CompiledModel model, PredictRequest request, PredictResponse response, double? modelScore, Readings readings, int index, string subject, string predictionId, byte[] bytes) => new()
    {
        PredictionId = predictionId,
        Model = model.Name,
        Version = response.Version ?? 0,
        LearnerRevision = response.Revision,
        EntityKey = request.Entity?.ToGrainKey() ?? "",
        Target = model.Target?.Name ?? "",
        Subject = subject,
        Time = readings.Time,
        Created = readings.Now,
        WindowEnd = model.Target is { } target ? Later(readings.Time, target.Window) : null,
        ClosesByEventTime = model.Clock == Clock.Event,
        RequestId = request.RequestId,

        // The model's own score, before post-processing: what the learner is compared with.
        Score = modelScore,
        Sequence = response.Sequence,
        Vector = VectorCodec.Encode(readings.Vectors[index].Columns),
        Response = bytes,
        Lineage = model.Lineage,
    };

    /// <summary>The sum, or the end of time where it lies beyond.</summary>
    private static DateTime Later(DateTime time, TimeSpan by) =>
        by <= DateTime.MaxValue - time ? time + by : DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);

    private static PredictResponse Replay(PredictionRecord record) =>
        JsonSerializer.Deserialize(record.Response.Span, ResponseJson.Default.PredictResponse)
        ?? throw new InvalidDataException($"The stored answer of prediction '{record.PredictionId}' is empty.");

    /// <param name="Now">Wall clock of the domain.</param>
    /// <param name="Time">Event time of the prediction.</param>
    /// <param name="Sequence">Of the entity's log.</param>
    /// <param name="Vectors">One, or one for each candidate.</param>
    private sealed record Readings(DateTime Now, DateTime Time, long Sequence, ImmutableArray<ServedVector> Vectors);

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
