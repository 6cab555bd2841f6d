using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Storage;

namespace OrleansMl.Monitoring;

/// <inheritdoc cref="IMonitorGrain"/>
/// <remarks>
/// The stored state counts rows up to a sequence of each feed; the log keeps what lies behind it. An alarm is stored before
/// the state that has passed it, under an id that follows from its rows: a crash repeats work, and neither loses nor doubles
/// an alarm.
/// </remarks>
[GrainType("oml.monitor")]
internal sealed partial class MonitorGrain(
    [PersistentState("monitor", OmlNames.Storage)] IPersistentState<MonitorState> state,
    CatalogCache catalog,
    IMonitoringStore store,
    IPredictionLog predictions,
    MonitorInstruments instruments,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    ILogger<MonitorGrain> logger) : Grain, IMonitorGrain
{
    /// <summary>Rows of a read: what a turn holds in memory.</summary>
    private const int SliceSize = 256;

    /// <summary>Rows between two writes of the state: what a crash makes read again at most.</summary>
    private const int StoreEvery = 5000;

    /// <summary>Rows that a reference of a time needs.</summary>
    private const int LeastReference = 50;

    /// <summary>Values that are held while a reference of a time is fitted.</summary>
    private const int MaxReferenceValues = 1 << 22;

    private const int ReferencePage = 500;

    private static readonly TimeSpan StorePeriod = TimeSpan.FromSeconds(10);

    /// <summary>One call goes on for so long at most, far below the response timeout; then the next one does.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly List<(AlarmRow, StreamAppend)> _raised = [];
    private readonly List<(AlarmEnd, StreamAppend)> _ended = [];
    private ImmutableArray<ModelMonitor> _monitors = [];
    private CompiledModel? _model;
    private bool _followed;
    private int _unstored;

    private string Model => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(StoreIfDirtyAsync, new GrainTimerCreationOptions(StorePeriod, StorePeriod));
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        foreach (var monitor in _monitors)
            instruments.Remove(Model, monitor.Definition.Name);
        await StoreIfDirtyAsync(cancellationToken);
    }

    public async Task<bool> CatchUpAsync()
    {
        await FollowCatalogAsync();
        var started = Stopwatch.GetTimestamp();
        bool more;
        do
            more = await TakeAsync(labelled: false) | await TakeAsync(labelled: true);
        while (more && Stopwatch.GetElapsedTime(started) < Patience);
        foreach (var monitor in _monitors)
        {
            if (monitor.Worst is { } worst)
                instruments.Set(Model, monitor.Definition.Name, worst.Statistic);
        }

        return more;
    }

    public async Task<OmlResult<ImmutableArray<MonitorStatus>>> GetAsync()
    {
        await FollowCatalogAsync();
        if (_model is null)
            return catalog.Current.UnknownModel(Model);
        return _monitors.Select(monitor => monitor.Status()).ToImmutableArray();
    }

    /// <summary>Gives the monitors of a feed its next rows; false when there are none.</summary>
    private async Task<bool> TakeAsync(bool labelled)
    {
        ModelMonitor[] fed = [.. _monitors.Where(monitor => monitor.Definition.NeedsLabels == labelled && monitor.Failure is null)];
        if (fed.Length == 0)
            return false;
        var after = fed.Min(monitor => monitor.Applied);
        var rows = labelled ? await store.ReadLabelledAsync(Model, after, SliceSize) : await store.ReadPredictionsAsync(Model, after, SliceSize);
        foreach (var fedRow in rows)
        {
            var row = new MonitorRow(fedRow);
            foreach (var monitor in fed)
                Take(monitor, row);
        }

        instruments.Rows.Add(rows.Count, new KeyValuePair<string, object?>("model", Model));
        _unstored += rows.Count;
        if (_raised.Count > 0 || _ended.Count > 0 || _unstored >= StoreEvery)
            await StoreAsync();
        return rows.Count == SliceSize;
    }

    private void Take(ModelMonitor monitor, MonitorRow row)
    {
        AlarmStep step;
        try
        {
            step = monitor.Take(row);
        }
        catch (InvalidDataException exception)
        {
            // One vector that cannot be read must not stand in the way of all that come after it.
            LogUnreadable(logger, Model, row.Prediction.PredictionId, exception.Message);
            return;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        if (step == AlarmStep.Raise)
        {
            var alarm = monitor.ToAlarm(now);
            _raised.Add((AlarmJson.ToRow(alarm), AlarmJson.Raised(alarm)));
            instruments.Alarms.Add(1, new("model", Model), new("monitor", alarm.Monitor));
            LogRaised(logger, alarm.Monitor, Model, alarm.Id, alarm.On, alarm.PastCount, alarm.JudgedCount, alarm.Evidence[0].Series, alarm.Evidence[0].Statistic);
        }
        else if (step == AlarmStep.End)
        {
            End(monitor.Definition.Name, monitor.AlarmId, now);
        }
    }

    private void End(string monitor, string id, DateTime now)
    {
        var end = new AlarmEnd(Model, id, now);
        _ended.Add((end, AlarmJson.Ended(monitor, end)));
        LogEnded(logger, monitor, Model, id);
    }

    private CompiledModel? Declared() => catalog.Current.Models.GetValueOrDefault(Model);

    /// <summary>Makes, keeps and ends monitors by the definition in force.</summary>
    private async Task FollowCatalogAsync()
    {
        await catalog.Loaded;
        if (!_followed || !ReferenceEquals(Declared(), _model))
        {
            // Another silo may have heard of a change first: what it began must not be dropped by what was before.
            await catalog.CatchUpAsync(catalog.Current.Revision + 1);
            var model = Declared();
            foreach (var monitor in _monitors)
                state.State.Monitors[monitor.Definition.Name] = monitor.Save();
            var monitors = ImmutableArray.CreateBuilder<ModelMonitor>();
            var kept = new Dictionary<string, StoredMonitor>(StringComparer.Ordinal);
            var ends = model is { Definition.Monitors.IsEmpty: false } ? await store.GetEndsAsync(Model) : default;
            foreach (var definition in model?.Definition.Monitors ?? [])
            {
                var stored = state.State.Monitors.GetValueOrDefault(definition.Name);
                var monitor = stored is not null && stored.Fingerprint == ModelMonitor.FingerprintOf(definition, model!)
                    ? new ModelMonitor(definition, model!, stored)
                    : new ModelMonitor(definition, model!, definition.NeedsLabels ? ends.Labelled : ends.Predictions);
                monitors.Add(monitor);
                kept.Add(definition.Name, monitor.Save());
            }

            var changed = Drop(kept);
            (state.State.Monitors, _monitors, _model, _followed) = (kept, monitors.DrainToImmutable(), model, true);

            // From where they begin is durable before a row counts: a crash must not move it.
            if (changed)
            {
                _unstored++;
                await StoreAsync();
            }
        }

        foreach (var monitor in _monitors.Where(monitor => monitor.AwaitsReference && monitor.Definition.Reference.To <= clock.GetUtcNow().UtcDateTime))
            await FitAsync(monitor);
    }

    /// <summary>Ends the alarms of monitors that are gone or begin anew; true when any came, went or changed.</summary>
    private bool Drop(Dictionary<string, StoredMonitor> kept)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var changed = kept.Keys.Any(name => !state.State.Monitors.ContainsKey(name));
        foreach (var (name, stored) in state.State.Monitors)
        {
            if (kept.TryGetValue(name, out var goesOn) && goesOn.Life == stored.Life)
                continue;
            changed = true;
            instruments.Remove(Model, name);
            if (ModelMonitor.StandingOf(name, stored) is { } id)
                End(name, id, now);
        }

        return changed;
    }

    /// <summary>Reads the reference of a time from the log; of more rows than are held, the first.</summary>
    private async Task FitAsync(ModelMonitor monitor)
    {
        var reference = monitor.Definition.Reference;
        var limit = MaxReferenceValues / Math.Max(1, monitor.Definition.Columns.Length);
        var rows = new List<PredictionRecord>();
        var filter = new PredictionFilter { Model = Model, From = reference.From, To = reference.To, Limit = ReferencePage };
        while (rows.Count < limit)
        {
            var page = await predictions.ListAsync(filter);
            rows.AddRange(page.Take(limit - rows.Count));
            if (page.Count < ReferencePage)
                break;
            filter = filter with { After = page[^1].PredictionId };
        }

        monitor.Fit(rows, LeastReference);
        await StoreAsync();
    }

    private async Task StoreIfDirtyAsync(CancellationToken cancellationToken)
    {
        if (_unstored > 0)
            await StoreAsync();
    }

    /// <summary>First the alarms, then the state that has passed them.</summary>
    private async Task StoreAsync()
    {
        if (_raised.Count > 0 || _ended.Count > 0)
        {
            await store.CommitAlarmsAsync(_raised, _ended);
            _raised.Clear();
            _ended.Clear();
        }

        foreach (var monitor in _monitors)
            state.State.Monitors[monitor.Definition.Name] = monitor.Save();
        try
        {
            await state.WriteStateAsync();
        }
        catch (InconsistentStateException)
        {
            // Another activation has stored: this one gives way.
            DeactivateOnIdle();
            throw;
        }

        _unstored = 0;
    }

    [LoggerMessage(LogLevel.Warning, "Monitor {Monitor} of {Model} raised alarm {Alarm}: {On} has drifted ({Past} of {Judged} series; the worst is {Series}, statistic {Statistic:G4}).")]
    private static partial void LogRaised(ILogger logger, string monitor, string model, string alarm, string on, int past, int judged, string series, double statistic);

    [LoggerMessage(LogLevel.Information, "The alarm {Alarm} of monitor {Monitor} of {Model} has ended.")]
    private static partial void LogEnded(ILogger logger, string monitor, string model, string alarm);

    [LoggerMessage(LogLevel.Warning, "Prediction {Prediction} of {Model} cannot be read by its monitors and is passed over: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string model, string prediction, string reason);
}
