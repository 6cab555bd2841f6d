using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Features;
using OrleansMl.Predictions;
using OrleansMl.Rollouts;
using OrleansMl.Serving;
using OrleansMl.Storage;
using OrleansMl.Streams;

namespace OrleansMl.Outcomes;

/// <inheritdoc cref="IOutcomeJoinGrain"/>
/// <remarks>
/// It keeps no state of its own: the prediction log holds it, and every change there is a compare-and-swap on the
/// state it was decided on. The truth also enters the entity's log, so that features can be made of it.
/// </remarks>
[GrainType("oml.outcomes")]
internal sealed partial class OutcomeJoinGrain(
    CatalogCache catalog,
    PlanCache plans,
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
            OutcomeResult result;
            try
            {
                result = await RecordAsync(outcome);
            }
            catch (JoinConflictException)
            {
                result = Rejected("not_ready", $"The outcomes of {EntityId.FromGrainKey(Key)} are moving; send '{outcome.Id}' again, its id makes that safe.");
            }

            instruments.Outcomes.Add(1, new KeyValuePair<string, object?>("status", result.Status.ToString().ToLowerInvariant()));
            results.Add(result);
        }

        return results.MoveToImmutable();
    }

    public async Task JoinPendingAsync(string predictionId)
    {
        await catalog.Loaded;
        if (await predictions.FindAsync(predictionId) is not { State: PredictionState.Predicted } prediction || ModelOf(prediction.Model) is not { Target: not null } model)
            return;
        var pending = await predictions.ListPendingAsync(Key, prediction.Target);
        var match = pending.FirstOrDefault(p => Awaits(p, prediction));

        // Time has come to this prediction: what waited for one before it and found none waits no longer, or each prediction
        // to come would look through it.
        List<OutcomeEntry> entries = [.. pending.Where(p => p != match && p.PendingUntil <= prediction.Time).Take(CloseChunk).Select(p => p with { PendingUntil = null, Status = (byte)OutcomeStatus.Orphan })];
        if (match is not null)
            entries.Add(Joined(match, prediction));
        await CommitAsync(entries, match is null ? [] : [LabelEarly(prediction, model, match)]);
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
            var entries = new Dictionary<string, OutcomeEntry>(StringComparer.Ordinal);
            var changes = new List<OutcomeChange>(due.Count);
            var pending = new Dictionary<string, IReadOnlyList<OutcomeEntry>>(StringComparer.Ordinal);
            foreach (var prediction in due)
            {
                var model = ModelOf(prediction.Model);
                if (!pending.TryGetValue(prediction.Target, out var waiting))
                    pending.Add(prediction.Target, waiting = await predictions.ListPendingAsync(Key, prediction.Target));

                // Whoever logged the prediction may have crashed before it was joined with what came early.
                if (model is { Target: not null } && waiting.FirstOrDefault(p => Awaits(p, prediction)) is { } early)
                {
                    entries.TryAdd(early.OutcomeId, Joined(early, prediction));
                    changes.Add(LabelEarly(prediction, model, early));
                    continue;
                }

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

            await CommitAsync([.. entries.Values], changes);
            instruments.Closed.Add(changes.Count(c => c.State != PredictionState.Labelled));
            closed += due.Count;
            if (due.Count < CloseChunk)
                return closed;
        }
    }

    private async Task<OutcomeResult> RecordAsync(OutcomeRecord outcome)
    {
        var hash = OutcomeHash.Of(outcome);
        var known = await predictions.FindOutcomeAsync(Key, outcome.Id);
        if (known is not null && outcome.Revision <= known.Revision)
        {
            if (!known.ContentHash.Span.SequenceEqual(hash))
            {
                return Rejected("id_conflict", outcome.Revision > 0
                    ? $"Outcome '{outcome.Id}' stands at revision {known.Revision} with other content; send a higher revision to correct it."
                    : $"Outcome '{outcome.Id}' was recorded with other content; send it with a revision above {known.Revision} to correct it, or use a new id.");
            }

            return await RestateTruthAsync(known) is { } error
                ? NotInLog(outcome.Id, error)
                : new OutcomeResult(OutcomeStatus.Duplicate, known.PredictionId is { } id ? [id] : [], null);
        }

        return outcome.PredictionId is not null ? await RecordForPredictionAsync(outcome, hash) : await RecordForEntityAsync(outcome, hash, known);
    }

    private async Task<OutcomeResult> RecordForPredictionAsync(OutcomeRecord outcome, byte[] hash)
    {
        if (await predictions.FindAsync(outcome.PredictionId!) is not { } prediction || prediction.EntityKey != Key)
            return new OutcomeResult(OutcomeStatus.Orphan, [], null);
        if (ModelOf(prediction.Model) is not { Target: { } target } model)
            return Rejected("unknown_target", $"Model '{prediction.Model}' of prediction '{prediction.PredictionId}' declares no target any more; apply its application again.");
        if (target.ToLabel(outcome.Value, out var why) is not { } label)
            return Rejected("invalid_value", why!);

        var source = outcome.Source ?? "api";
        var isFirst = prediction.State is PredictionState.Predicted or PredictionState.Closed;
        var hasTruth = !isFirst && prediction.State != PredictionState.Defaulted;
        if (hasTruth && outcome.Revision != 0 && outcome.Revision <= prediction.OutcomeRevision)
            return Rejected("stale_revision", $"Prediction '{prediction.PredictionId}' has a label of revision {prediction.OutcomeRevision}; a correction needs a higher one, not {outcome.Revision}.");

        // A correction that names no time keeps that of the truth it replaces.
        var time = outcome.Time ?? (hasTruth ? prediction.OutcomeTime : null) ?? prediction.Time;
        var (status, state) = prediction.State switch
        {
            PredictionState.Predicted => (OutcomeStatus.Joined, PredictionState.Labelled),
            PredictionState.Closed => (OutcomeStatus.Late, PredictionState.Labelled),
            PredictionState.Defaulted => (OutcomeStatus.Late, PredictionState.Corrected),
            _ => (OutcomeStatus.Corrected, PredictionState.Corrected),
        };
        var revision = outcome.Revision != 0 ? outcome.Revision : isFirst ? 0 : prediction.OutcomeRevision + 1;
        var entry = Entry(outcome, hash, target.Name, prediction.Subject, time, label, source, revision) with { PredictionId = prediction.PredictionId };

        // The truth about a prediction stands under the id that came first: a correction replaces it, and never counts twice.
        var truthId = prediction.OutcomeId ?? outcome.Id;
        return await StoreAsync(entry, status, [Label(prediction, model, label, truthId, source, revision, time, state)], truthId, revision);
    }

    private async Task<OutcomeResult> RecordForEntityAsync(OutcomeRecord outcome, byte[] hash, OutcomeEntry? known)
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
        var source = outcome.Source ?? "api";
        if (known is not null && await CorrectAsync(outcome, hash, known, target.Name, label, source) is { } corrected)
            return corrected;

        var open = await predictions.ListOpenAsync(Key, target.Name, outcome.Subject);
        var time = outcome.Time ?? (open.Count > 0 ? open[^1].Time : await NowAsync(models[0].Clock));
        var status = OutcomeStatus.Joined;
        PredictionRecord[] matches = [.. open.Where(p => p.Time <= time && time < p.WindowEnd)];
        if (matches.Length == 0)
        {
            matches = [.. await predictions.ListClosedAtAsync(Key, target.Name, outcome.Subject, time)];
            status = matches.Length > 0 ? OutcomeStatus.Late : target.OrganicLearn ? OutcomeStatus.Organic : OutcomeStatus.Early;
        }

        var entry = Entry(outcome, hash, target.Name, outcome.Subject ?? "", time, label, source, outcome.Revision) with
        {
            PendingUntil = status == OutcomeStatus.Early ? time + target.Window : null,
            Examples = status == OutcomeStatus.Organic ? await OrganicExamplesAsync(models, outcome, time, label) : [],
        };
        var result = await StoreAsync(entry, status, LabelAll(matches), outcome.Id, outcome.Revision);
        if (status != OutcomeStatus.Early)
            return result;

        // A prediction that was logged between the look above and the commit found nothing waiting: this one looks again.
        matches = [.. (await predictions.ListOpenAsync(Key, target.Name, outcome.Subject)).Where(p => Awaits(entry, p))];
        if (matches.Length == 0)
            return result;
        await CommitAsync([Joined(entry, matches[0])], LabelAll(matches));
        return new OutcomeResult(OutcomeStatus.Joined, [.. matches.Select(m => m.PredictionId)], null);

        List<OutcomeChange> LabelAll(IEnumerable<PredictionRecord> records) =>
        [
            .. from record in records
               let model = ModelOf(record.Model)
               where model is not null
               let state = record.State == PredictionState.Defaulted ? PredictionState.Corrected : PredictionState.Labelled
               let revision = outcome.Revision != 0 ? outcome.Revision : record.OutcomeRevision + (record.State == PredictionState.Predicted ? 0 : 1)
               select Label(record, model, label, outcome.Id, source, revision, time, state),
        ];
    }

    /// <summary>
    /// A truth about nothing predicted, as an example for each learner that takes such: with what was known of the entity, and of
    /// the candidate, just before it.
    /// </summary>
    private async Task<IReadOnlyList<StreamAppend>> OrganicExamplesAsync(CompiledModel[] models, OutcomeRecord outcome, DateTime time, double label)
    {
        var examples = new List<StreamAppend>();
        var before = time > DateTime.MinValue ? time.AddTicks(-1) : time;
        foreach (var model in models.Where(m => m is { Definition.Learner: not null, Target.OrganicLearn: true }))
        {
            // Which candidate it was about is not said: there is no vector to learn.
            if (model.Definition.Candidates is not null && outcome.Subject is null)
                continue;
            var entity = await ReadAsync(EntityId.FromGrainKey(Key), model.EntityNames, before);
            var candidate = model.Definition.Candidates is { } type ? await ReadAsync(new EntityId(type, outcome.Subject!), model.CandidateNames, before) : null;
            var vector = VectorBuilder.Build(model, [], [], entity, candidate, before);
            var record = new PredictionRecord
            {
                PredictionId = $"organic:{outcome.Id}",
                Model = model.Name,
                EntityKey = Key,
                Target = outcome.Target!,
                Subject = outcome.Subject ?? "",
                Time = time,
                Created = clock.GetUtcNow().UtcDateTime,
                Vector = VectorCodec.Encode(vector.Columns),
                Response = ReadOnlyMemory<byte>.Empty,
                Lineage = model.Lineage,
            };
            examples.Add(new StreamAppend(OmlStreams.Examples, model.Name, StreamRecordCodec.Encode(ExampleCodec.ToOrganicRecord(record, label, outcome.Revision))));
        }

        return examples;
    }

    private async Task<FeatureReading?> ReadAsync(EntityId entity, ImmutableArray<string> names, DateTime at)
    {
        if (names.IsEmpty)
            return null;
        var read = await GrainFactory.FeatureCache(entity).ReadAsync(new FeatureQuery(names, null) { At = at });
        return read.TryGet(out var reading, out _) ? reading : null;
    }

    /// <summary>An outcome that comes again with a higher revision corrects all that it had labelled; null: it had labelled nothing.</summary>
    private async Task<OutcomeResult?> CorrectAsync(OutcomeRecord outcome, byte[] hash, OutcomeEntry known, string target, double label, string source)
    {
        var labelled = (await predictions.ListLabelledByAsync(Key, outcome.Id)).Where(p => ModelOf(p.Model) is not null).ToArray();
        if (labelled.Length == 0)
            return null;
        var time = outcome.Time ?? known.Time;

        // A correction by prediction id may have raised the revision of the truth meanwhile.
        var revision = Math.Max(outcome.Revision, labelled.Max(p => p.OutcomeRevision) + 1);
        var entry = Entry(outcome, hash, target, outcome.Subject ?? "", time, label, source, outcome.Revision);
        return await StoreAsync(
            entry, OutcomeStatus.Corrected,
            [.. labelled.Select(p => Label(p, ModelOf(p.Model)!, label, outcome.Id, source, revision, time, PredictionState.Corrected))],
            outcome.Id, revision);
    }

    /// <summary>
    /// Stores an outcome: the join in the prediction log, the truth in the entity's. A crash between the two is mended by
    /// the caller's repeat, since nothing was acknowledged.
    /// </summary>
    private async Task<OutcomeResult> StoreAsync(OutcomeEntry entry, OutcomeStatus status, IReadOnlyList<OutcomeChange> changes, string truthId, int truthRevision)
    {
        entry = entry with { Status = (byte)status, PredictionId = changes.Count > 0 ? changes[0].PredictionId : null };
        var truth = AppendTruthAsync(entry.Target, truthId, truthRevision, entry.Time, entry.Value);
        await Task.WhenAll(CommitAsync([entry], changes), truth);
        return await truth is { } error
            ? NotInLog(entry.OutcomeId, error)
            : new OutcomeResult(status, [.. changes.Select(c => c.PredictionId)], null);
    }

    /// <summary>Now, on the application's clock: that of events stands in the entity's log.</summary>
    private async Task<DateTime> NowAsync(Clock kind) =>
        kind == Clock.Event && (await GrainFactory.GetGrain<IFeatureCacheGrain>(Key).GetAttributesAsync()).TryGet(out var reading, out _)
            ? reading.AsOf
            : clock.GetUtcNow().UtcDateTime;

    private static bool Awaits(OutcomeEntry early, PredictionRecord prediction) =>
        (early.Subject.Length == 0 || early.Subject == prediction.Subject) && early.Time >= prediction.Time && early.Time < prediction.WindowEnd;

    private static OutcomeEntry Joined(OutcomeEntry early, PredictionRecord prediction) =>
        early with { PendingUntil = null, Status = (byte)OutcomeStatus.Joined, PredictionId = prediction.PredictionId };

    private OutcomeChange LabelEarly(PredictionRecord prediction, CompiledModel model, OutcomeEntry early) =>
        Label(prediction, model, early.Value, early.OutcomeId, early.Source, early.Revision, early.Time, PredictionState.Labelled);

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

        // A label that only confirms the one before teaches nothing new. A prediction of a later lineage is of a reset that
        // this silo has not heard of: its example counts.
        Example = model.Definition.Learner is null || prediction.Lineage < model.Lineage || prediction.Label == label
            ? null
            : new StreamAppend(OmlStreams.Examples, prediction.Model, StreamRecordCodec.Encode(ExampleCodec.ToRecord(prediction, label, revision, isCorrection: state == PredictionState.Corrected))),
        Rollout = plans.TryGet(prediction.Model, out var view) ? RolloutOutcomes.TryRecord(view.Plan, prediction, label, revision) : null,
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
    private async Task<OmlError?> RestateTruthAsync(OutcomeEntry known) =>
        known.PredictionId is { } id && await predictions.FindAsync(id) is { OutcomeId: { } truthId, Label: { } label, OutcomeTime: { } time } prediction
            ? await AppendTruthAsync(prediction.Target, truthId, prediction.OutcomeRevision, time, label)
            : await AppendTruthAsync(known.Target, known.OutcomeId, known.Revision, known.Time, known.Value);

    /// <summary>Puts the truth into the entity's log; the error when the log could not be written now.</summary>
    private async Task<OmlError?> AppendTruthAsync(string target, string outcomeId, int revision, DateTime time, double label)
    {
        var record = new EntityRecord(outcomeId, EntityRecordKind.Outcome, target, time, [new NamedValue("value", Scalar.Of(label))]) { Revision = revision };
        var appended = await GrainFactory.GetGrain<IFeatureCacheGrain>(Key).AppendAsync([record]);
        if (!appended.TryGet(out var result, out var error))
            return error;
        if (result.Items[0] is { Status: AppendStatus.Rejected, Fault: { } fault })
            LogTruthRejected(logger, outcomeId, Key, fault.Detail);
        return null;
    }

    private CompiledModel? ModelOf(string model) => catalog.Current.Models.TryGetValue(model, out var compiled) ? compiled : null;

    private static OutcomeResult NotInLog(string outcomeId, OmlError error) =>
        Rejected(error.Code, $"Outcome '{outcomeId}' did not reach the entity's log: {error.Detail}");

    private static OutcomeResult Rejected(string code, string detail) => new(OutcomeStatus.Rejected, [], new OmlFault(code, detail));

    [LoggerMessage(LogLevel.Warning, "Another activation changed a prediction of this entity; this one gives up.")]
    private static partial void LogConflict(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Outcome {Outcome} labelled its prediction but is no feature of {Entity}: {Reason}")]
    private static partial void LogTruthRejected(ILogger logger, string outcome, string entity, string reason);
}
