using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Jobs;
using OrleansMl.Storage;

namespace OrleansMl.Retraining.Schedules;

/// <inheritdoc cref="IRetrainScheduleGrain"/>
/// <remarks>
/// That a trigger has come, and the id of the job for it, are stored before the job is made, fenced by the state's ETag; making
/// a job twice under one id makes one. So a crash or a second activation neither loses nor doubles a retraining.
/// </remarks>
[GrainType("oml.retrain-schedule")]
internal sealed partial class RetrainScheduleGrain(
    [PersistentState("schedule", OmlNames.Storage)] IPersistentState<StoredSchedule> state,
    CatalogCache catalog,
    IMonitoringStore monitoring,
    IJobStore jobStore,
    IJobService jobs,
    RetrainInstruments instruments,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    ILogger<RetrainScheduleGrain> logger) : Grain, IRetrainScheduleGrain
{
    private const int AlarmPage = 200;

    /// <summary>Alarms that one pass looks at: of more that came at once any of the newest is as good a reason.</summary>
    private const int MaxAlarms = 1000;

    private CompiledModel? _model;
    private bool _followed;
    private ImmutableArray<CompiledTrigger> _triggers = [];

    private string Model => this.GetPrimaryKeyString();

    public async Task CheckAsync()
    {
        await FollowCatalogAsync();
        var facts = await ReadFactsAsync();
        await TakeInAsync(facts);
        await FollowOthersAsync(facts);
        if (state.State.PausedBy is not null)
            return;

        // What was decided before a crash first: what has come since is not part of it.
        if (state.State.Reserved is not null)
            await BeginAsync(facts);
        await LookAsync(facts);
        if (state.State.Reserved is null && state.State.Triggers.Values.Any(trigger => trigger.IsPending) && await FindOpenAsync() is null)
            await BeginAsync(facts);
    }

    public async Task<OmlResult<RetrainingStatus>> GetAsync()
    {
        await FollowCatalogAsync();
        if (_model is null)
            return catalog.Current.UnknownModel(Model);
        var facts = await ReadFactsAsync();
        return new RetrainingStatus
        {
            Model = Model,
            PausedBy = state.State.PausedBy,
            Current = await FindOpenAsync(),
            Triggers = [.. await Task.WhenAll(_triggers.Select(trigger => StatusOfAsync(trigger, facts)))],
        };
    }

    public async Task<OmlResult<RetrainingStatus>> PauseAsync(string by)
    {
        await FollowCatalogAsync();
        if (_model is null)
            return catalog.Current.UnknownModel(Model);
        if (state.State.PausedBy is null)
            await StoreAsync(state.State with { PausedBy = by });
        return await GetAsync();
    }

    public async Task<OmlResult<RetrainingStatus>> ResumeAsync()
    {
        await FollowCatalogAsync();
        if (_model is null)
            return catalog.Current.UnknownModel(Model);
        if (state.State.PausedBy is not null)
        {
            var facts = await ReadFactsAsync();
            await StoreAsync(state.State with
            {
                PausedBy = null,
                Triggers = state.State.Triggers.ToDictionary(t => t.Key, t => t.Value with { Since = facts.Now, Alarm = facts.LastAlarm }, StringComparer.Ordinal),
            });
        }

        return await GetAsync();
    }

    private async Task FollowCatalogAsync()
    {
        await catalog.Loaded;
        if (_followed && ReferenceEquals(Declared(), _model))
            return;

        // Another silo may have heard of a change first: a trigger that it knows must not be dropped by what was before.
        await catalog.CatchUpAsync(catalog.Current.Revision + 1);
        _model = Declared();
        _triggers = [.. (_model?.Definition.Retrain?.On ?? []).Select(CompiledTrigger.Of)];
        _followed = true;
        foreach (var (definition, _, reason) in _triggers.Where(trigger => trigger.Reason is not null))
            LogCannotCome(logger, definition.Key, Model, reason!);
    }

    private CompiledModel? Declared() => catalog.Current.Models.GetValueOrDefault(Model);

    private async Task<ScheduleFacts> ReadFactsAsync()
    {
        var (now, label) = (clock.GetUtcNow().UtcDateTime, 0L);
        if (_triggers.Any(trigger => trigger.Definition.Outcomes is not null))
            label = (await monitoring.GetEndsAsync(Model)).Labelled;
        if (_triggers.All(trigger => trigger.Definition.Alarm is null))
            return new ScheduleFacts(now, label, 0, []);

        var last = await monitoring.ListAlarmsAsync(new AlarmFilter { Model = Model }, 1) is [var newest] ? newest.Sequence : 0;
        var seen = state.State.Triggers.Where(t => _triggers.Any(trigger => trigger.Definition.Alarm is not null && trigger.Definition.Key == t.Key)).Select(t => t.Value.Alarm).DefaultIfEmpty(last).Min();
        return new ScheduleFacts(now, label, last, await ReadAlarmsAsync(seen, last));
    }

    /// <summary>Alarms after a sequence up to another, newest first.</summary>
    private async Task<IReadOnlyList<AlarmRow>> ReadAlarmsAsync(long after, long last)
    {
        var alarms = new List<AlarmRow>();
        var filter = new AlarmFilter { Model = Model, Before = last + 1 };
        for (var more = after < last; more && alarms.Count < MaxAlarms;)
        {
            var page = await monitoring.ListAlarmsAsync(filter, AlarmPage);
            alarms.AddRange(page.Where(alarm => alarm.Sequence > after));
            more = page.Count == AlarmPage && page[^1].Sequence > after;
            filter = filter with { Before = page.Count > 0 ? page[^1].Sequence : null };
        }

        return alarms;
    }

    /// <summary>Begins to look at triggers that are new, and forgets those that are gone. From where is durable before anything counts.</summary>
    private async Task TakeInAsync(ScheduleFacts facts)
    {
        var declared = _triggers.Select(trigger => trigger.Definition.Key).ToHashSet(StringComparer.Ordinal);
        if (declared.SetEquals(state.State.Triggers.Keys))
            return;
        await StoreAsync(state.State with
        {
            Triggers = declared.ToDictionary(key => key, key => state.State.Triggers.GetValueOrDefault(key) ?? TriggerPolicy.Begin(facts), StringComparer.Ordinal),
        });
    }

    /// <summary>A retraining that somebody else has begun since the last look.</summary>
    private async Task FollowOthersAsync(ScheduleFacts facts)
    {
        var newest = await jobStore.ListAsync(new JobFilter { Kind = RetrainRunner.KindName, Model = Model }, 1) is [var row] ? row.Id : "";
        var seen = state.State.Seen;

        // What was reserved here is followed to its end where it is begun. A job that was removed leaves older ones.
        if (newest == state.State.Reserved || (seen is not null && string.CompareOrdinal(newest, seen) <= 0))
            return;
        await StoreAsync(state.State with
        {
            Seen = newest,
            Triggers = seen is null ? state.State.Triggers : _triggers.ToDictionary(
                trigger => trigger.Definition.Key,
                trigger => TriggerPolicy.Retrained(trigger.Definition, state.State.Triggers[trigger.Definition.Key], facts),
                StringComparer.Ordinal),
        });
        if (seen is not null)
            LogFollowed(logger, Model, newest);
    }

    /// <summary>What has come is stored before anything is done about it.</summary>
    private async Task LookAsync(ScheduleFacts facts)
    {
        var looked = _triggers.ToDictionary(
            trigger => trigger.Definition.Key,
            trigger => TriggerPolicy.Look(trigger.Definition, state.State.Triggers[trigger.Definition.Key], trigger.Schedule, facts),
            StringComparer.Ordinal);
        if (looked.Any(trigger => !ReferenceEquals(trigger.Value, state.State.Triggers[trigger.Key])))
            await StoreAsync(state.State with { Triggers = looked });
    }

    /// <summary>One job for all that is pending: first its id, then itself, then that it is made.</summary>
    private async Task BeginAsync(ScheduleFacts facts)
    {
        if (state.State.Reserved is null)
            await StoreAsync(state.State with { Reserved = Guid.CreateVersion7().ToString("n"), ReservedLabel = facts.Label });
        var id = state.State.Reserved!;
        var pending = _triggers.Where(trigger => state.State.Triggers[trigger.Definition.Key].IsPending).Select(trigger => trigger.Definition).ToArray();
        OmlError? refused = null;
        if (!(await GrainFactory.GetGrain<IJobGrain>(id).GetAsync()).IsSuccess)
        {
            // Nothing is pending any more: what was has left the declaration.
            if (pending.Length == 0)
            {
                await StoreAsync(state.State with { Reserved = null });
                return;
            }

            var made = await jobs.CreateAsync(id, SpecOf(pending), CancellationToken.None);
            if (!made.TryGet(out _, out refused))
            {
                // What passes is tried again, under the same id.
                if (refused.Status >= 500)
                {
                    LogNotBegun(logger, Model, refused.Detail);
                    return;
                }

                LogRefused(logger, Model, refused.Detail);
            }
        }

        var label = state.State.ReservedLabel;
        await StoreAsync(state.State with
        {
            Reserved = null,
            Seen = refused is null && string.CompareOrdinal(id, state.State.Seen) > 0 ? id : state.State.Seen,
            Triggers = state.State.Triggers.ToDictionary(
                trigger => trigger.Key,
                trigger => (trigger.Value.IsPending ? TriggerPolicy.Ran(trigger.Value, refused is null ? id : null, refused?.Detail, facts.Now) : trigger.Value) with { Label = Math.Max(label, trigger.Value.Label) },
                StringComparer.Ordinal),
        });
        foreach (var trigger in pending)
            instruments.Triggered(Model, trigger.Type, refused is not null);
        if (refused is null)
            LogBegun(logger, Model, id, string.Join(", ", pending.Select(trigger => trigger.Key)));
    }

    /// <summary>Window, trainer and the rest are the declaration's, which the runner reads.</summary>
    private JobSpec SpecOf(RetrainTriggerDefinition[] pending) => new()
    {
        Kind = RetrainRunner.KindName,
        Model = Model,
        By = string.Join(", ", pending.Select(trigger => trigger.Key)),
    };

    /// <summary>The retraining of the model that waits or runs, whoever asked for it.</summary>
    private async Task<string?> FindOpenAsync()
    {
        foreach (var open in (string[])["running", "queued"])
        {
            if (await jobStore.ListAsync(new JobFilter { Kind = RetrainRunner.KindName, Model = Model, State = open }, 1) is [var row, ..])
                return row.Id;
        }

        return null;
    }

    private async Task<RetrainTriggerStatus> StatusOfAsync(CompiledTrigger trigger, ScheduleFacts facts)
    {
        var definition = trigger.Definition;
        var stored = state.State.Triggers.GetValueOrDefault(definition.Key) ?? TriggerPolicy.Begin(facts);
        var row = stored.Job is { } id ? await jobStore.FindAsync(id) : null;
        return new RetrainTriggerStatus
        {
            Type = definition.Type,
            Trigger = definition.Key,
            Next = trigger.Schedule?.Next(facts.Now),
            Outcomes = definition.Outcomes is null ? null : TriggerPolicy.Counted(stored, facts),
            Every = definition.Outcomes,
            CooldownUntil = definition.Alarm is { } alarm ? TriggerPolicy.CooldownUntil(alarm, stored, facts.Now) : null,
            IsPending = stored.IsPending,
            Last = stored.At is { } at ? new TriggeredRetraining(stored.Job, at, stored.Refusal is null ? row?.State ?? "unknown" : "refused", stored.Refusal) : null,
            Reason = trigger.Reason,
        };
    }

    private async Task StoreAsync(StoredSchedule next)
    {
        var before = state.State;
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch (Exception exception)
        {
            state.State = before;

            // Another activation has stored: this one gives way.
            if (exception is InconsistentStateException)
                DeactivateOnIdle();
            throw;
        }
    }
}
