using System.Collections.Concurrent;
using Orleans.Concurrency;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansMl.EngineContract.Tests;

/// <summary>A store of our own, with a place in the silo's lifecycle.</summary>
public sealed class OwnStore(string name) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly ConcurrentDictionary<(string, GrainId), (object? State, int Tag)> _rows = new();

    public string Name { get; } = name;

    public bool Started { get; private set; }

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(Name, ServiceLifecycleStage.RuntimeStorageServices, _ =>
    {
        Started = true;
        return Task.CompletedTask;
    });

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Journal.Add($"{grainId.Key}", $"read {stateName}");
        grainState.RecordExists = _rows.TryGetValue((stateName, grainId), out var row);
        grainState.ETag = grainState.RecordExists ? $"{row.Tag}" : null;
        if (grainState.RecordExists)
            grainState.State = (T?)row.State;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Journal.Add($"{grainId.Key}", $"write {stateName}");
        if (grainId.Key.ToString().StartsWith("broken", StringComparison.Ordinal))
            throw new IOException("disk full");
        var tag = _rows.TryGetValue((stateName, grainId), out var row) ? row.Tag + 1 : 1;
        _rows[(stateName, grainId)] = (grainState.State, tag);
        grainState.ETag = $"{tag}";
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _rows.TryRemove((stateName, grainId), out _);
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }
}

/// <summary>A reminder table of our own.</summary>
public sealed class OwnReminderTable : IReminderTable
{
    private readonly ConcurrentDictionary<(GrainId, string), ReminderEntry> _rows = new();

    public bool Started { get; private set; }

    public void Seed(ReminderEntry entry) => _rows[(entry.GrainId, entry.ReminderName)] = entry;

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        Started = true;
        return Task.CompletedTask;
    }

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Task.FromResult(new ReminderTableData(_rows.Values.Where(r => r.GrainId == grainId)));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Task.FromResult(new ReminderTableData(_rows.Values.Where(r =>
    {
        var hash = r.GrainId.GetUniformHashCode();
        return begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
    })));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) => Task.FromResult(_rows.GetValueOrDefault((grainId, reminderName)));

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        entry.ETag = Guid.NewGuid().ToString();
        _rows[(entry.GrainId, entry.ReminderName)] = entry;
        return Task.FromResult<string?>(entry.ETag);
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => Task.FromResult(_rows.TryRemove((grainId, reminderName), out _));

    public Task TestOnlyClearTable()
    {
        _rows.Clear();
        return Task.CompletedTask;
    }
}

/// <summary>The system's clock, counting the timers it makes.</summary>
public sealed class CountingClock : TimeProvider
{
    private int _timers;

    public int Timers => _timers;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _timers);
        return System.CreateTimer(callback, state, dueTime, period);
    }
}

public interface IOwnStoreGrain : IGrainWithStringKey
{
    Task Set(int value);

    Task<int> Get();

    Task Hold(string gate);

    [AlwaysInterleave]
    Task StartTimer(string gate);

    Task<int> LifecycleStages();
}

[StorageProvider(ProviderName = "own")]
public sealed class OwnStoreGrain : Grain<Counted>, IOwnStoreGrain, ILifecycleParticipant<IGrainLifecycle>
{
    private int _stages;

    public void Participate(IGrainLifecycle lifecycle)
    {
        lifecycle.Subscribe("first", GrainLifecycleStage.First, _ => Stage(0));
        lifecycle.Subscribe("late", GrainLifecycleStage.Activate, _ => Stage(1));
    }

    public async Task Set(int value)
    {
        State.Value = value;
        await WriteStateAsync();
    }

    public Task<int> Get() => Task.FromResult(State.Value);

    public async Task Hold(string gate)
    {
        Gates.Open($"{gate} started");
        await Gates.WaitFor(gate);
    }

    public Task StartTimer(string gate)
    {
        this.RegisterGrainTimer(
            () =>
            {
                Gates.Open(gate);
                return Task.CompletedTask;
            },
            TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task<int> LifecycleStages() => Task.FromResult(_stages);

    private Task Stage(int before)
    {
        if (_stages == before)
            _stages++;
        return Task.CompletedTask;
    }
}
