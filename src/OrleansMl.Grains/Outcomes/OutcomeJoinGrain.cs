using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Features;
using OrleansMl.Services;
using OrleansMl.Serving;
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
    PlanCache plans,
    IPredictionLog predictions,
    ExampleVectors vectors,
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
            catch (VectorUnavailableException exception)
            {
                result = Rejected("not_ready", $"Outcome '{outcome.Id}' needs a vector to be learned with: {exception.Message} Send it again, its id makes that safe.");
            }

            catch (Exception exception) when (Unavailability.Explain(exception) is { } unavailable)
            {
                // Told as a result: the exception's type may not reach the caller's silo.
                result = Rejected(unavailable.Code, unavailable.Detail);
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
        var early = EarlyFor(prediction, model.Target, pending);

        // Time has come to this prediction: what waited for one before it and found none waits no longer, or each prediction
        // to come would look through it.
        List<OutcomeEntry> entries = [.. pending.Where(p => !early.Contains(p) && p.PendingUntil <= prediction.Time).Take(CloseChunk).Select(p => p with { PendingUntil = null, Status = (byte)OutcomeStatus.Orphan })];
        entries.AddRange(early.Select(e => Joined(e, prediction)));
        try
        {
            await CommitAsync(entries, early.Count == 0 ? [] : [await LabelEarlyAsync(prediction, model, early)]);
        }
        catch (VectorUnavailableException exception)
        {
            // It waits on, and is joined when the window closes.
            LogNotJoined(logger, predictionId, exception.Message);
        }
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
                if (model is { Target: not null } && EarlyFor(prediction, model.Target, waiting) is { Count: > 0 } early)
                {
                    foreach (var outcome in early)
                        entries.TryAdd(outcome.OutcomeId, Joined(outcome, prediction));
                    changes.Add(await LabelEarlyAsync(prediction, model, early));
                    continue;
                }

                changes.Add(model?.Target?.Default is { } fallback
                    ? await DefaultAsync(prediction, model, fallback)
                    : Change(prediction) with { State = PredictionState.Closed });
            }

            await CommitAsync([.. entries.Values], changes);
            instruments.Closed.Add(changes.Count(c => c.State != PredictionState.Labelled));
            closed += due.Count;
            if (due.Count < CloseChunk)
                return closed;
        }
    }

    /// <summary>What waits for a prediction: the first, or where sources are ranked all, for one of them is to stand.</summary>
    private static List<OutcomeEntry> EarlyFor(PredictionRecord prediction, TargetDefinition target, IReadOnlyList<OutcomeEntry> pending)
    {
        var early = pending.Where(p => Awaits(p, prediction));
        return [.. HearsAll(target) ? early.Take(LabelHistory.Limit) : early.Take(1)];
    }

    /// <summary>Whether an outcome by entity is also a word about predictions that others have labelled.</summary>
    private static bool HearsAll(TargetDefinition target) => !target.Sources.IsEmpty || target.Conflict != LabelConflict.Latest;

    private static bool Awaits(OutcomeEntry early, PredictionRecord prediction) =>
        (early.Subject.Length == 0 || early.Subject == prediction.Subject) && early.Time >= prediction.Time && early.Time < prediction.WindowEnd;

    private static OutcomeEntry Joined(OutcomeEntry early, PredictionRecord prediction) =>
        early with { PendingUntil = null, Status = (byte)OutcomeStatus.Joined, PredictionId = prediction.PredictionId };

    /// <summary>Now, on the application's clock: that of events stands in the entity's log.</summary>
    private async Task<DateTime> NowAsync(Clock kind) =>
        kind == Clock.Event && (await GrainFactory.GetGrain<IFeatureCacheGrain>(Key).GetAttributesAsync()).TryGet(out var reading, out _)
            ? reading.AsOf
            : clock.GetUtcNow().UtcDateTime;

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

    private CompiledModel? ModelOf(string model) => catalog.Current.Models.TryGetValue(model, out var compiled) ? compiled : null;

    private static OutcomeResult Rejected(string code, string detail) => new(OutcomeStatus.Rejected, [], new OmlFault(code, detail));

    [LoggerMessage(LogLevel.Warning, "Another activation changed a prediction of this entity; this one gives up.")]
    private static partial void LogConflict(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Prediction {Prediction} is not joined with what came before it yet: {Reason}")]
    private static partial void LogNotJoined(ILogger logger, string prediction, string reason);

    [LoggerMessage(LogLevel.Warning, "Outcome {Outcome} labelled its prediction but is no feature of {Entity}: {Reason}")]
    private static partial void LogTruthRejected(ILogger logger, string outcome, string entity, string reason);
}
