using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>
/// Ticks what the reminder table holds. A tick is a call of the grain, so it activates it; ticks missed while nothing ran are
/// not repeated.
/// </summary>
internal sealed class ReminderService(
    IServiceProvider services,
    IOptions<ReminderOptions> options,
    TimeProvider time,
    SiloRuntime silo,
    ILogger<ReminderService> logger) : IReminderRegistry, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly ConcurrentDictionary<(GrainId Grain, string Name), Armed> _armed = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time = time;
    private readonly SiloRuntime _silo = silo;
    private readonly ILogger _logger = logger;
    private IReminderTable? _table;
    private ITimer? _refresh;

    public void Participate(ISiloLifecycle lifecycle)
    {
        // After the grains can be activated: a tick that is due at once calls one.
        lifecycle.Subscribe(nameof(ReminderService), ServiceLifecycleStage.RuntimeStorageServices, InitAsync);
        lifecycle.Subscribe(nameof(ReminderService), ServiceLifecycleStage.Active, StartAsync, StopAsync);
    }

    public async Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(dueTime), "Cannot use InfiniteTimeSpan dueTime to create a reminder");
        if (dueTime.Ticks < 0)
            throw new ArgumentOutOfRangeException(nameof(dueTime), "Cannot use negative dueTime to create a reminder");
        if (period == Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(period), "Cannot use InfiniteTimeSpan period to create a reminder");
        if (period.Ticks < 0)
            throw new ArgumentOutOfRangeException(nameof(period), "Cannot use negative period to create a reminder");
        if (period < options.Value.MinimumReminderPeriod)
            throw new ArgumentException($"Cannot register reminder {reminderName} as requested period ({period}) is less than minimum allowed reminder period ({options.Value.MinimumReminderPeriod})");
        RequireName(reminderName);
        var table = Table();
        var entry = new ReminderEntry
        {
            GrainId = callingGrainId,
            ReminderName = reminderName,
            StartAt = _time.GetUtcNow().UtcDateTime + dueTime,
            Period = period,
        };
        entry.ETag = await table.UpsertRow(entry)
            ?? throw new ReminderException($"Could not register reminder {entry}: the reminder table refused it.");
        Arm(entry);
        return entry.ToReminder();
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        var table = Table();
        var handle = reminder as ReminderHandle ?? throw new ArgumentException("The reminder was not made by this service.", nameof(reminder));
        // One process: no other silo can re-register between the read and the removal of a row, except another call here.
        var row = await table.ReadRow(handle.GrainId, handle.ReminderName);
        if (row is not null && !await table.RemoveRow(handle.GrainId, handle.ReminderName, handle.ETag ?? row.ETag!))
            throw new ReminderException($"Could not unregister reminder '{handle.ReminderName}' of grain '{handle.GrainId}': it was registered anew since; get it again.");
        if (_armed.TryRemove((handle.GrainId, handle.ReminderName), out var armed))
            armed.Dispose();
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName)
    {
        RequireName(reminderName);
        return (await Table().ReadRow(callingGrainId, reminderName))?.ToReminder();
    }

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) =>
        [.. (await Table().ReadRows(callingGrainId)).Reminders.Select(r => r.ToReminder())];

    private static void RequireName(string name)
    {
        if (string.IsNullOrEmpty(name))
            throw new ArgumentException("Cannot use null or empty name for the reminder", nameof(name));
    }

    private IReminderTable Table()
    {
        if (RuntimeContext.Current is null)
            throw new InvalidOperationException("Reminders are registered within a grain's calls only, not from a background thread or the host.");
        return _table ?? throw new OrleansConfigurationException(
            "The reminder service has not been configured: register an IReminderTable, or call UseInMemoryReminderService().");
    }

    private Task InitAsync(CancellationToken token)
    {
        _table = services.GetService<IReminderTable>();
        return _table?.StartAsync(token) ?? Task.CompletedTask;
    }

    private async Task StartAsync(CancellationToken token)
    {
        if (_table is null)
            return;
        await RefreshAsync();
        var period = options.Value.RefreshReminderListPeriod;
        using (ExecutionContext.SuppressFlow())
            _refresh = _time.CreateTimer(static state => _ = ((ReminderService)state!).RefreshQuietlyAsync(), this, period, period);
    }

    private async Task StopAsync(CancellationToken token)
    {
        _stopping.Cancel();
        _refresh?.Dispose();
        foreach (var armed in _armed.Values)
            armed.Dispose();
        _armed.Clear();
        if (_table is not null)
            await _table.StopAsync(token);
    }

    private async Task RefreshQuietlyAsync()
    {
        try
        {
            await RefreshAsync();
        }
        catch (Exception error)
        {
            _logger.LogError(error, "The reminder table could not be read; what is known goes on.");
        }
    }

    private async Task RefreshAsync()
    {
        var before = _armed.Keys.ToHashSet();
        foreach (var entry in (await _table!.ReadRows(0, 0)).Reminders)
        {
            before.Remove((entry.GrainId, entry.ReminderName));
            if (!_armed.TryGetValue((entry.GrainId, entry.ReminderName), out var armed) || armed.Entry.ETag != entry.ETag)
                Arm(entry);
        }

        // Rows that somebody removed from the table.
        foreach (var gone in before)
        {
            if (_armed.TryRemove(gone, out var armed))
                armed.Dispose();
        }
    }

    private void Arm(ReminderEntry entry)
    {
        if (_stopping.IsCancellationRequested)
            return;
        var armed = new Armed(this, entry);
        _armed.AddOrUpdate((entry.GrainId, entry.ReminderName), armed, (_, old) =>
        {
            old.Dispose();
            return armed;
        });
        armed.Start();
    }

    /// <summary>One reminder with its timer.</summary>
    private sealed class Armed(ReminderService owner, ReminderEntry entry) : IDisposable
    {
        private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);
        private ITimer? _timer;
        private bool _disposed;
        private DateTime _next;

        public ReminderEntry Entry { get; } = entry;

        public void Start()
        {
            var now = owner._time.GetUtcNow().UtcDateTime;
            _next = Entry.StartAt;
            if (_next < now && Entry.Period > TimeSpan.Zero)
            {
                var periods = (now - Entry.StartAt).Ticks / Entry.Period.Ticks;
                _next = Entry.StartAt + TimeSpan.FromTicks((periods + 1) * Entry.Period.Ticks);
            }

            using (ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow())
                _timer = owner._time.CreateTimer(static state => _ = ((Armed)state!).OnTimerAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Schedule();
        }

        public void Dispose()
        {
            _disposed = true;
            _timer?.Dispose();
        }

        private void Schedule()
        {
            var due = _next - owner._time.GetUtcNow().UtcDateTime;
            due = due < TimeSpan.Zero ? TimeSpan.Zero : due > LongestTimer ? LongestTimer : due;
            try
            {
                _timer!.Change(due, Timeout.InfiniteTimeSpan);
            }
            catch (ObjectDisposedException)
            {
                // Unregistered meanwhile.
            }
        }

        private async Task OnTimerAsync()
        {
            var now = owner._time.GetUtcNow().UtcDateTime;
            if (_disposed)
                return;
            if (now >= _next)
            {
                try
                {
                    await owner._silo.References.GetGrain<IRemindable>(Entry.GrainId)
                        .ReceiveReminder(Entry.ReminderName, new TickStatus(Entry.StartAt, Entry.Period, now));
                }
                catch (Exception error)
                {
                    owner._logger.LogError(error, "Reminder {Reminder} of grain {GrainId} failed; its next tick comes as planned.", Entry.ReminderName, Entry.GrainId);
                }

                // A tick that took longer than the period skips those in between.
                var after = owner._time.GetUtcNow().UtcDateTime;
                _next += Entry.Period;
                if (_next <= after && Entry.Period > TimeSpan.Zero)
                    _next = Entry.StartAt + TimeSpan.FromTicks((((after - Entry.StartAt).Ticks / Entry.Period.Ticks) + 1) * Entry.Period.Ticks);
            }

            if (!_disposed)
                Schedule();
        }
    }
}
