using System.Collections.Immutable;
using System.Diagnostics;
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
}
