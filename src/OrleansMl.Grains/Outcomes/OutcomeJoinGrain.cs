using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Outcomes;

/// <inheritdoc cref="IOutcomeJoinGrain"/>
/// <remarks>
/// It keeps no state of its own: the prediction log holds it, and every change there is a compare-and-swap on the
/// state it was decided on. The truth also enters the entity's log, so that features can be made of it.
/// </remarks>
[GrainType("oml.outcomes")]
internal sealed partial class OutcomeJoinGrain(
    CatalogCache catalog,
    IPredictionLog predictions,
    OutcomeInstruments instruments,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    ILogger<OutcomeJoinGrain> logger) : Grain, IOutcomeJoinGrain
{
    private const int CloseChunk = 500;

    private string Key => this.GetPrimaryKeyString();

    public async Task<OmlResult<ImmutableArray<OutcomeResult>>> RecordAsync(ImmutableArray<OutcomeRecord> outcomes)
    {
        await catalog.Loaded;
        var results = ImmutableArray.CreateBuilder<OutcomeResult>(outcomes.Length);
        foreach (var outcome in outcomes)
        {
            var result = await RecordAsync(outcome);
            instruments.Outcomes.Add(1, new KeyValuePair<string, object?>("status", result.Status.ToString().ToLowerInvariant()));
            results.Add(result);
        }

        return results.MoveToImmutable();
    }

    public async Task JoinPendingAsync(string predictionId)
    {
        if (await predictions.FindAsync(predictionId) is not { State: PredictionState.Predicted, WindowEnd: { } windowEnd } prediction
            || ModelOf(prediction.Model) is not { Target: { } target } model)
            return;
        var pending = await predictions.ListPendingAsync(Key, prediction.Target);
        var match = pending.FirstOrDefault(p => (p.Subject.Length == 0 || p.Subject == prediction.Subject) && p.Time >= prediction.Time && p.Time < windowEnd);
        if (match is null)
            return;
        var joined = match with { PendingUntil = null, Status = (byte)OutcomeStatus.Joined, PredictionId = predictionId };
        await CommitAsync([joined], [Label(prediction, model, match.Value, match.OutcomeId, match.Source, match.Revision, match.Time, PredictionState.Labelled)]);
    }

    public async Task<int> CloseDueAsync(DateTime now)
    {
        await catalog.Loaded;
        var closed = 0;
        while (true)
        {
            var due = await predictions.ListDueAsync(Key, now, CloseChunk);
            if (due.Count == 0)
                return closed;
            var changes = new List<OutcomeChange>(due.Count);
            foreach (var prediction in due)
            {
                var model = ModelOf(prediction.Model);
                changes.Add(model?.Target?.Default is { } fallback
                    ? Label(prediction, model, fallback, null, "default", 0, prediction.WindowEnd!.Value, PredictionState.Defaulted)
                    : new OutcomeChange
                    {
                        PredictionId = prediction.PredictionId,
                        ExpectedState = prediction.State,
                        ExpectedRevision = prediction.OutcomeRevision,
                        State = PredictionState.Closed,
                        LabelledAt = clock.GetUtcNow().UtcDateTime,
                    });
            }

            await CommitAsync([], changes);
            instruments.Closed.Add(due.Count);
            closed += due.Count;
            if (due.Count < CloseChunk)
                return closed;
        }
    }

    private async Task<OutcomeResult> RecordAsync(OutcomeRecord outcome)
    {
        var hash = OutcomeHash.Of(outcome);
        if (await predictions.FindOutcomeAsync(Key, outcome.Id) is { } known && outcome.Revision <= known.Revision)
        {
            if (!known.ContentHash.Span.SequenceEqual(hash))
            {
                return Rejected("id_conflict", outcome.Revision > 0
                    ? $"Outcome '{outcome.Id}' stands at revision {known.Revision} with other content; send a higher revision to correct it."
                    : $"Outcome '{outcome.Id}' was recorded with other content; send it with a revision above {known.Revision} to correct it, or use a new id.");
            }

            await RestateTruthAsync(known);
            return new OutcomeResult(OutcomeStatus.Duplicate, known.PredictionId is { } id ? [id] : [], null);
        }

        return outcome.PredictionId is not null ? await RecordForPredictionAsync(outcome, hash) : await RecordForEntityAsync(outcome, hash);
    }

    private async Task<OutcomeResult> RecordForPredictionAsync(OutcomeRecord outcome, byte[] hash)
    {
        if (await predictions.FindAsync(outcome.PredictionId!) is not { } prediction || prediction.EntityKey != Key)
            return new OutcomeResult(OutcomeStatus.Orphan, [], null);
        if (ModelOf(prediction.Model) is not { Target: { } target } model)
            return Rejected("unknown_target", $"Model '{prediction.Model}' of prediction '{prediction.PredictionId}' declares no target any more; apply its application again.");
        if (target.ToLabel(outcome.Value, out var why) is not { } label)
            return Rejected("invalid_value", why!);

        var time = outcome.Time ?? prediction.Time;
        var source = outcome.Source ?? "api";
        var isFirst = prediction.State is PredictionState.Predicted or PredictionState.Closed;
        if (!isFirst && prediction.State != PredictionState.Defaulted && outcome.Revision != 0 && outcome.Revision <= prediction.OutcomeRevision)
            return Rejected("stale_revision", $"Prediction '{prediction.PredictionId}' has a label of revision {prediction.OutcomeRevision}; a correction needs a higher one, not {outcome.Revision}.");

        var (status, state) = prediction.State switch
        {
            PredictionState.Predicted => (OutcomeStatus.Joined, PredictionState.Labelled),
            PredictionState.Closed => (OutcomeStatus.Late, PredictionState.Labelled),
            PredictionState.Defaulted => (OutcomeStatus.Late, PredictionState.Corrected),
            _ => (OutcomeStatus.Corrected, PredictionState.Corrected),
        };
        var revision = outcome.Revision != 0 ? outcome.Revision : isFirst ? 0 : prediction.OutcomeRevision + 1;
        var entry = Entry(outcome, hash, target.Name, prediction.Subject, time, label, source, revision) with { PredictionId = prediction.PredictionId, Status = (byte)status };

        // The truth about a prediction stands under the id that came first: a correction replaces it, and never counts twice.
        var truthId = prediction.OutcomeId ?? outcome.Id;
        var change = Label(prediction, model, label, truthId, source, revision, time, state);
        await Task.WhenAll(
            CommitAsync([entry], [change]),
            AppendTruthAsync(target.Name, truthId, revision, time, label));
        return new OutcomeResult(status, [prediction.PredictionId], null);
    }

    private async Task<OutcomeResult> RecordForEntityAsync(OutcomeRecord outcome, byte[] hash)
    {
        var entity = EntityId.FromGrainKey(Key);
        var models = catalog.Current.Models.Values.Where(m => m.Target?.Name == outcome.Target && m.Definition.Entity == entity.Type).ToArray();
        if (models.Length == 0)
        {
            var targets = catalog.Current.Models.Values.Where(m => m.Definition.Entity == entity.Type && m.Target is not null).Select(m => m.Target!.Name).Distinct().ToArray();
            return Rejected("unknown_target", $"No model about '{entity.Type}' has a target '{outcome.Target}'{(targets.Length == 0 ? "" : $" (known: {string.Join(", ", targets)})")}.");
        }

        var target = models[0].Target!;
        if (target.ToLabel(outcome.Value, out var why) is not { } label)
            return Rejected("invalid_value", why!);
        var now = clock.GetUtcNow().UtcDateTime;
        var source = outcome.Source ?? "api";
        var open = await predictions.ListOpenAsync(Key, target.Name, outcome.Subject);
        var time = outcome.Time ?? (open.Count > 0 ? open[^1].Time : now);
        var entry = Entry(outcome, hash, target.Name, outcome.Subject ?? "", time, label, source, outcome.Revision);

        // An outcome that was joined before and comes again with a higher revision corrects what it had labelled.
        if (outcome.Revision > 0 && await predictions.FindOutcomeAsync(Key, outcome.Id) is { PredictionId: { } labelledId } && await predictions.FindAsync(labelledId) is { } labelled && ModelOf(labelled.Model) is { } owner)
        {
            await Task.WhenAll(
                CommitAsync([entry with { PredictionId = labelledId, Status = (byte)OutcomeStatus.Corrected }], [Label(labelled, owner, label, outcome.Id, source, Math.Max(outcome.Revision, labelled.OutcomeRevision + 1), time, PredictionState.Corrected)]),
                AppendTruthAsync(target.Name, outcome.Id, outcome.Revision, time, label));
            return new OutcomeResult(OutcomeStatus.Corrected, [labelledId], null);
        }

        var status = OutcomeStatus.Joined;
        var state = PredictionState.Labelled;
        PredictionRecord[] matches = [.. open.Where(p => p.Time <= time && time < p.WindowEnd)];
        if (matches.Length == 0)
        {
            matches = [.. await predictions.ListClosedAtAsync(Key, target.Name, outcome.Subject, time)];
            status = matches.Length > 0 ? OutcomeStatus.Late : target.OrganicLearn ? OutcomeStatus.Organic : OutcomeStatus.Early;
        }

        var changes = new List<OutcomeChange>(matches.Length);
        foreach (var match in matches)
        {
            if (match.State == PredictionState.Defaulted)
                state = PredictionState.Corrected;
            if (ModelOf(match.Model) is { } model)
                changes.Add(Label(match, model, label, outcome.Id, source, outcome.Revision != 0 ? outcome.Revision : match.OutcomeRevision + (status == OutcomeStatus.Late ? 1 : 0), time, state));
        }

        entry = entry with
        {
            Status = (byte)status,
            PredictionId = changes.Count > 0 ? changes[0].PredictionId : null,
            PendingUntil = status == OutcomeStatus.Early ? time + target.Window : null,
        };
        await Task.WhenAll(CommitAsync([entry], changes), AppendTruthAsync(target.Name, outcome.Id, outcome.Revision, time, label));
        return new OutcomeResult(status, [.. changes.Select(c => c.PredictionId)], null);
    }

    /// <summary>The change that gives a prediction its label, with the example its learner learns from.</summary>
    private OutcomeChange Label(PredictionRecord prediction, CompiledModel model, double label, string? outcomeId, string? source, int revision, DateTime time, PredictionState state) => new()
    {
        PredictionId = prediction.PredictionId,
        ExpectedState = prediction.State,
        ExpectedRevision = prediction.OutcomeRevision,
        State = state,
        Label = label,
        OutcomeId = outcomeId,
        Source = source,
        Revision = revision,
        OutcomeTime = time,
        LabelledAt = clock.GetUtcNow().UtcDateTime,
        Example = model.Definition.Learner is null || prediction.Lineage != model.Lineage
            ? null
            : new OutboxAppend(ExampleCodec.TopicOf(prediction.Model), ExampleCodec.Encode(prediction, label, isCorrection: state == PredictionState.Corrected)),
    };

    private OutcomeEntry Entry(OutcomeRecord outcome, byte[] hash, string target, string subject, DateTime time, double label, string source, int revision) => new()
    {
        EntityKey = Key,
        OutcomeId = outcome.Id,
        Revision = revision,
        Target = target,
        Subject = subject,
        Time = time,
        Value = label,
        Source = source,
        Created = clock.GetUtcNow().UtcDateTime,
        ContentHash = hash,
    };

    private async Task CommitAsync(IReadOnlyList<OutcomeEntry> outcomes, IReadOnlyList<OutcomeChange> changes)
    {
        try
        {
            await predictions.CommitAsync(outcomes, changes);
        }
        catch (JoinConflictException exception)
        {
            // Only a second activation changes predictions of this entity: this one gives way.
            LogConflict(logger, exception);
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>A repeat may follow a crash between the two writes of an outcome: the log passes over what it has.</summary>
    private async Task RestateTruthAsync(OutcomeEntry known)
    {
        if (known.PredictionId is { } id && await predictions.FindAsync(id) is { OutcomeId: { } truthId, Label: { } label, OutcomeTime: { } time } prediction)
            await AppendTruthAsync(prediction.Target, truthId, prediction.OutcomeRevision, time, label);
        else
            await AppendTruthAsync(known.Target, known.OutcomeId, known.Revision, known.Time, known.Value);
    }

    private async Task AppendTruthAsync(string target, string outcomeId, int revision, DateTime time, double label)
    {
        var record = new EntityRecord(outcomeId, EntityRecordKind.Outcome, target, time, [new NamedValue("value", Scalar.Of(label))]) { Revision = revision };
        var appended = await GrainFactory.GetGrain<IFeatureCacheGrain>(Key).AppendAsync([record]);
        if (!appended.TryGet(out var result, out var error))
            throw new InvalidOperationException($"The outcome '{outcomeId}' could not enter the log of {Key}: {error.Detail}");
        if (result.Items[0] is { Status: AppendStatus.Rejected, Fault: { } fault })
            LogTruthRejected(logger, outcomeId, Key, fault.Detail);
    }

    private CompiledModel? ModelOf(string model) => catalog.Current.Models.TryGetValue(model, out var compiled) ? compiled : null;

    private static OutcomeResult Rejected(string code, string detail) => new(OutcomeStatus.Rejected, [], new OmlFault(code, detail));

    [LoggerMessage(LogLevel.Warning, "Another activation changed a prediction of this entity; this one gives up.")]
    private static partial void LogConflict(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Outcome {Outcome} labelled its prediction but is no feature of {Entity}: {Reason}")]
    private static partial void LogTruthRejected(ILogger logger, string outcome, string entity, string reason);
}
