using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Predictions;
using OrleansMl.Serving;
using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <inheritdoc cref="IPredictionService"/>
/// <remarks>
/// One hop to the entity's grain for the features, none for the model: the version that the plan names is called where it
/// lies in this process. The answer leaves after the vector is durable.
/// </remarks>
internal sealed class PredictionService(
    CatalogCache catalog,
    PlanCache plans,
    IGrainFactory grains,
    IPredictionLog predictions,
    PredictionInstruments instruments,
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

        if (WhyNot(model, request) is { } invalid)
            return invalid;
        if (request.RequestId is { } requestId && await predictions.FindByRequestAsync(model.Name, requestId, cancellationToken) is { } earlier)
            return Replay(earlier);

        var entity = request.Entity ?? new EntityId("", "");
        FeatureReading? reading = null;
        if (!model.FeatureNames.IsEmpty)
        {
            var read = await grains.GetGrain<IFeatureCacheGrain>(entity.ToGrainKey()).ReadAsync(new FeatureQuery(model.FeatureNames, null) { At = request.EventTime });
            if (!read.TryGet(out reading, out var error))
                return error;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var time = request.EventTime ?? reading?.AsOf ?? now;
        var vector = MakeVector(model, request.Inputs, reading, time);
        var answered = await AnswerAsync(model, request, vector, cancellationToken);
        if (!answered.TryGet(out var answer, out var failure))
            return failure;
        var response = answer.Response with { Sequence = reading?.Sequence ?? 0, Features = request.IncludeFeatures ? vector : [] };

        var record = new PredictionRecord
        {
            PredictionId = response.PredictionId,
            Model = model.Name,
            Version = response.Version ?? 0,
            LearnerRevision = response.Revision,
            EntityKey = request.Entity is null ? "" : entity.ToGrainKey(),
            Target = model.Target?.Name ?? "",
            Time = time,
            Created = now,
            WindowEnd = model.Target is { } target ? time + target.Window : null,
            ClosesByEventTime = model.Clock == Clock.Event,
            RequestId = request.RequestId,
            Score = answer.ModelScore,
            Propensity = response.Propensity,
            Sequence = response.Sequence,
            Vector = VectorCodec.Encode(vector),
            Response = JsonSerializer.SerializeToUtf8Bytes(response, ResponseJson.Default.PredictResponse),
            Lineage = model.Lineage,
        };
        var append = await predictions.AppendAsync(record, cancellationToken);
        if (append.IsRepeat)
            return Replay(append.Stored);
        if (append.HasPendingOutcome)
            await grains.GetGrain<IOutcomeJoinGrain>(record.EntityKey).JoinPendingAsync(record.PredictionId);

        var tags = new TagList { { "model", model.Name }, { "version", response.Version ?? 0 } };
        instruments.Predictions.Add(1, tags);
        instruments.Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("model", model.Name));
        return response;
    }

    private async Task<OmlResult<Answer>> AnswerAsync(CompiledModel model, PredictRequest request, ImmutableArray<FeatureValue> vector, CancellationToken cancellationToken)
    {
        var acquired = await plans.AcquireAsync(model.Name, request.Version, request.Alias, cancellationToken);
        if (!acquired.TryGet(out var lease, out var error))
            return error;
        if (lease is null)
            return await AnswerByPriorAsync(model);
        using (lease)
        {
            if (request.Version is null && request.Alias is null && IsOfAnotherLineage(lease.Version.Manifest, model))
                return await AnswerByPriorAsync(model);
            double score;
            try
            {
                score = lease.Version.Score(model, [.. vector.Select(f => f.Value)]);
            }
            catch (ScoringException exception)
            {
                return new OmlError("cannot_score", 422, exception.Message);
            }

            var response = Finish(model, lease.Version.Postprocessor, score, vector) with { Version = lease.Version.Manifest.Version };
            return new Answer(response, score);
        }
    }

    /// <summary>After a reset the old champion was learned on other columns: until the new learner stands, the prior answers.</summary>
    private static bool IsOfAnotherLineage(VersionManifest manifest, CompiledModel model) =>
        manifest.Tags.TryGetValue("lineage", out var lineage) && lineage != model.Lineage.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task<OmlResult<Answer>> AnswerByPriorAsync(CompiledModel model)
    {
        if (model.Definition.Learner is null)
        {
            return OmlError.Unavailable("not_ready",
                $"Model '{model.Name}' has no version to serve and no learner to make one: register a version (POST /api/v1/models/{model.Name}/versions).");
        }

        var status = await grains.GetGrain<ITrainerGrain>(model.Name).GetAsync();
        var prior = (status.IsSuccess ? status.Value.Prior : null) ?? (model.Target?.Type == TargetType.Binary ? 0.5 : 0);
        return new Answer(Finish(model, new Postprocessor(model.Definition.Postprocess), prior, []) with { Fallback = "prior" }, null);
    }

    private static PredictResponse Finish(CompiledModel model, Postprocessor postprocessor, double score, ImmutableArray<FeatureValue> vector)
    {
        var binary = model.Target is { Type: TargetType.Binary };
        var label = binary ? model.Target!.ClassName(score < 0.5 ? 0 : 1) : null;
        var (finalScore, finalLabel) = postprocessor.Apply(score, label, name =>
        {
            foreach (var feature in vector)
            {
                if (feature.Name == name)
                    return feature.Value.AsNumber();
            }

            return double.NaN;
        });
        return new PredictResponse
        {
            PredictionId = Guid.CreateVersion7().ToString("n"),
            Model = model.Name,
            Label = finalLabel,
            Score = finalScore,
            Values = binary ? [new NamedValue(model.Target!.ClassName(0), Scalar.Of(1 - score)), new NamedValue(model.Target!.ClassName(1), Scalar.Of(score))] : [],
        };
    }

    /// <summary>The vector in column order: inputs as sent, features as read.</summary>
    private static ImmutableArray<FeatureValue> MakeVector(CompiledModel model, ImmutableArray<NamedValue> inputs, FeatureReading? reading, DateTime time)
    {
        var vector = ImmutableArray.CreateBuilder<FeatureValue>(model.Definition.Columns.Length);
        var next = 0;
        foreach (var column in model.Definition.Columns)
        {
            if (!column.IsInput)
            {
                vector.Add(reading!.Features[next++]);
                continue;
            }

            var value = Scalar.Missing;
            foreach (var input in inputs)
            {
                if (input.Name == column.Name)
                    value = input.Value;
            }

            vector.Add(new FeatureValue(column.Name, value, value.IsMissing ? FeatureStatus.Missing : FeatureStatus.Present, value.IsMissing ? null : time, false));
        }

        return vector.MoveToImmutable();
    }

    private static OmlError? WhyNot(CompiledModel model, PredictRequest request)
    {
        if (model.Definition.Entity is { } type)
        {
            if (request.Entity is not { } entity)
                return OmlError.Invalid($"Model '{model.Name}' is about a '{type}': send entity {{\"type\": \"{type}\", \"id\": …}}.", "missing_entity");
            if (entity.Type != type)
                return OmlError.Invalid($"Model '{model.Name}' is about a '{type}', not a '{entity.Type}'.", "wrong_entity_type");
        }
        else if (request.Entity is not null)
        {
            return OmlError.Invalid($"Model '{model.Name}' is about no entity; leave entity out.", "wrong_entity_type");
        }

        if (!request.Candidates.IsEmpty)
            return OmlError.Invalid($"Model '{model.Name}' ranks no candidates; leave candidates out.", "no_candidates");
        foreach (var input in request.Inputs)
        {
            if (FieldRules.WhyNot(model.Inputs, input, "input", $"model '{model.Name}'") is { } fault)
                return OmlError.Invalid(fault.Detail, fault.Code) with { Faults = [fault with { Pointer = "/inputs/" + input.Name }] };
        }

        foreach (var required in model.Definition.Inputs)
        {
            if (required.Required && !request.Inputs.Any(i => i.Name == required.Name && !i.Value.IsMissing))
                return OmlError.Invalid($"Model '{model.Name}' needs the input '{required.Name}'.", "missing_input");
        }

        return null;
    }

    private static PredictResponse Replay(PredictionRecord record) =>
        JsonSerializer.Deserialize(record.Response.Span, ResponseJson.Default.PredictResponse)
        ?? throw new InvalidDataException($"The stored answer of prediction '{record.PredictionId}' is empty.");

    /// <param name="Response">As it goes out, after post-processing.</param>
    /// <param name="ModelScore">Before post-processing: what the learner is compared with; null when the prior answered.</param>
    private sealed record Answer(PredictResponse Response, double? ModelScore);
}
