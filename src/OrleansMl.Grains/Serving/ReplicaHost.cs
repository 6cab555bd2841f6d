using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>
/// The versions loaded in this process, each once, whoever asks. Loads run in a pool of their own, are tried again where the
/// failure may pass, and stay within the memory budgets, the process's and each GPU's, by evicting what no request has used for longest. Who takes a lease
/// keeps a version in memory until it is given back.
/// </summary>
public sealed partial class ReplicaHost(VersionLoader loader, ServingOptions options, TimeProvider time, ILogger<ReplicaHost> logger, ServingInstruments? instruments = null, RecordedRequests? recorded = null)
{
    private readonly ConcurrentDictionary<ModelVersionId, Replica> _replicas = new();
    private readonly ConcurrentDictionary<Replica, byte> _draining = new();

    // What is not in memory, and why: evicted, left cold, failed.
    private readonly ConcurrentDictionary<ModelVersionId, VersionLife> _past = new();
    private readonly ConcurrentDictionary<ModelVersionId, VersionRank> _ranks = new();
    private readonly SemaphoreSlim _admission = new(1, 1);
    private readonly LoadPool _pool = new(options.Loaders);
    private readonly MemoryEstimate _memory = new();
    private readonly DeviceReport _report = new(logger, instruments);

    /// <summary>A load's growth of the process counts as the version's; off: estimates by file size stay, which tests foresee.</summary>
    internal bool MeasuresMemory { get; init; } = true;

    /// <summary>What versions take of GPUs; tests, which have none, put in their own.</summary>
    internal GpuMemory Gpus { get; init; } = new();

    /// <summary>A version has become available, or is no longer.</summary>
    internal event Action? Changed;

    /// <summary>How many versions are in memory, or on their way.</summary>
    public int Count => _replicas.Count;

    /// <summary>Where every version stands that this silo has to do with.</summary>
    public ImmutableArray<VersionLife> Lives =>
        [.. _replicas.Values.Select(r => r.Life).Concat(_draining.Keys.Select(r => r.Life)).Concat(_past.Values).DistinctBy(l => l.Id).OrderBy(l => l.Id.Model, StringComparer.Ordinal).ThenBy(l => l.Id.Version)];

    /// <summary>Where a version stands; null: nobody has asked for it here.</summary>
    public VersionLife? LifeOf(ModelVersionId id) =>
        _replicas.TryGetValue(id, out var replica) ? replica.Life
        : _draining.Keys.FirstOrDefault(r => r.Id == id) is { } draining ? draining.Life
        : _past.GetValueOrDefault(id);

    /// <summary>Loads and warms unless it is; null, or why it cannot be served.</summary>
    public async Task<string?> LoadAsync(VersionManifest manifest) => (await GetAsync(manifest)).Reason;

    /// <summary>Loads and warms by a configuration, as it will be served by it.</summary>
    internal async Task<VersionProof> ProveAsync(VersionManifest manifest, string? configuration)
    {
        var load = await GetAsync(manifest, configuration);
        if (load.Handle is null)
            return new VersionProof(load.Reason, null);
        // It may have been in memory, by another configuration.
        var stayed = await PrepareAsync(manifest, configuration);
        return new VersionProof(null, stayed ?? DeviceReport.FallbackOf(LifeOf(new ModelVersionId(manifest.Model, manifest.Version))?.Places ?? []));
    }

    /// <summary>A version, loading it when it is not here; or why it cannot be had. Callers share one load.</summary>
    /// <param name="manifest">Of the version.</param>
    /// <param name="configuration">What is stated for the model: it decides for which batches the version is warmed.</param>
    internal async Task<ReplicaLoad> GetAsync(VersionManifest manifest, string? configuration = null)
    {
        var id = new ModelVersionId(manifest.Model, manifest.Version);
        var replica = _replicas.GetOrAdd(id, _ => new Replica(manifest, r => LoadCoreAsync(r, configuration), time));
        var load = await replica.Load;

        // A failure is not kept: the next one tries again.
        if (load.Handle is null)
            _replicas.TryRemove(new KeyValuePair<ModelVersionId, Replica>(id, replica));
        return load;
    }

    /// <summary>Makes a loaded version ready for another configuration, before requests come by it.</summary>
    /// <returns>Why it goes on as it was; null: it is ready, or not loaded.</returns>
    internal async Task<string?> PrepareAsync(VersionManifest manifest, string? configuration)
    {
        if (!TryAcquire(new ModelVersionId(manifest.Model, manifest.Version), out var lease, isRequest: false))
            return null;
        using (lease)
        {
            var config = ServedConfig.Of(manifest, configuration);
            return lease.Model.IsWarmFor(config) ? null : await ReopenAsync(lease.Model, config);
        }
    }

    /// <summary>Takes a lease of a version that is available.</summary>
    /// <param name="id">Which one.</param>
    /// <param name="lease">Keeps it in memory.</param>
    /// <param name="isRequest">It counts as use, which eviction goes by.</param>
    internal bool TryAcquire(ModelVersionId id, [NotNullWhen(true)] out ModelLease<LoadedVersion>? lease, bool isRequest = true)
    {
        lease = null;
        if (!_replicas.TryGetValue(id, out var replica) || replica.Handle is not { } handle || !handle.TryAcquire(out lease))
            return false;
        if (isRequest)
            replica.Touch();
        return true;
    }

    /// <summary>A lease of the version can be had.</summary>
    internal bool IsAvailable(ModelVersionId id) => _replicas.TryGetValue(id, out var replica) && replica.Life.State == LifeState.Available;

    /// <summary>Requests that wait for the version or run on it.</summary>
    internal int LoadOf(ModelVersionId id)
    {
        if (!TryAcquire(id, out var lease, isRequest: false))
            return 0;
        using (lease)
            return lease.Model.Load;
    }

    /// <summary>The version is available, and one more request would be in its next batch.</summary>
    internal bool HasRoom(ModelVersionId id)
    {
        if (!TryAcquire(id, out var lease, isRequest: false))
            return false;
        using (lease)
            return lease.Model.HasRoom;
    }

    /// <summary>What is available here, and how busy it is.</summary>
    internal ImmutableArray<ReplicaReport> Loads() => [.. _replicas.Keys.Where(IsAvailable).Select(id => new ReplicaReport(id, LoadOf(id)))];

    /// <summary>What was counted of a version that is not in memory; null: it was never loaded here, or long ago.</summary>
    internal BatchingStatistics? PastStatisticsOf(ModelVersionId id) => loader.History.TryGet(id, out var statistics) ? statistics : null;

    /// <summary>The versions of a model that are here, or on their way.</summary>
    internal IEnumerable<int> VersionsOf(string model) => _replicas.Keys.Where(id => id.Model == model).Select(id => id.Version);

    /// <summary>What a policy decides by.</summary>
    /// <param name="plan">The plan to be carried out.</param>
    /// <param name="isSwapped">Requests go by it already.</param>
    /// <param name="tried">Versions whose load this pass has begun; others that failed before get another chance.</param>
    internal VersionSnapshot Snapshot(ServingPlan plan, bool isSwapped, IReadOnlySet<int> tried)
    {
        var facts = ImmutableArray.CreateBuilder<VersionFacts>();
        var wanted = plan.Versions.ToDictionary(v => new ModelVersionId(plan.Model, v.Version));
        foreach (var (id, manifest) in wanted)
        {
            var life = _replicas.TryGetValue(id, out var replica) ? replica.Life : _past.GetValueOrDefault(id);
            var state = life?.State == LifeState.Failed && !tried.Contains(id.Version) ? null : life?.State;
            facts.Add(new VersionFacts(id, state, VersionDemand.Wanted, RankOf(id), life is { Bytes: > 0 } ? life.Bytes : _memory.Of(manifest), replica?.LastUsed ?? 0));
        }

        foreach (var life in Lives.Where(l => !wanted.ContainsKey(l.Id)))
        {
            var demand = life.Id.Model == plan.Model ? VersionDemand.Unwanted : VersionDemand.Kept;
            facts.Add(new VersionFacts(life.Id, life.State, demand, RankOf(life.Id), life.Bytes, LastUsedOf(life.Id)));
        }

        return new VersionSnapshot(facts.ToImmutable(), isSwapped, options.MemoryBudgetBytes);
    }

    /// <summary>Notes which versions calls reach that name none: they are evicted after others.</summary>
    internal void Rank(ServingPlan plan)
    {
        foreach (var id in _ranks.Keys.Where(id => id.Model == plan.Model && !IsReached(plan, id.Version)))
            _ranks.TryRemove(id, out _);
        foreach (var version in plan.Versions.Where(v => IsReached(plan, v.Version)))
            _ranks[new ModelVersionId(plan.Model, version.Version)] = VersionRank.Reached;
    }

    /// <summary>Notes that a version of a plan is left to the first request that means it.</summary>
    internal void LeaveCold(ModelVersionId id, string reason) => Remember(new VersionLife(id, LifeState.Unloaded, reason, Now(), 0));

    /// <summary>Takes out a version that no plan names: no new lease; the sessions close when the last one is back.</summary>
    internal async Task UnloadAsync(ModelVersionId id)
    {
        _past.TryRemove(id, out _);
        _memory.Forget(id);
        Gpus.Forget(id);
        await TakeOutAsync(id);
    }

    /// <summary>Takes out a version for others; a request for it loads it again.</summary>
    internal Task EvictAsync(ModelVersionId id, MemoryBudget? of = null)
    {
        of ??= MemoryBudget.Process;
        Remember(new VersionLife(id, LifeState.Unloaded, $"it was evicted to stay within {of.Name}; a request loads it again", Now(), 0));
        instruments?.Evictions.Add(1, ServingInstruments.Tags(id));
        LogEvicted(logger, id.Model, id.Version, of.Name);
        return TakeOutAsync(id);
    }

    /// <summary>Unloads everything, at the end.</summary>
    internal async Task UnloadAllAsync()
    {
        foreach (var id in _replicas.Keys)
            await TakeOutAsync(id);
    }

    private async Task TakeOutAsync(ModelVersionId id)
    {
        if (!_replicas.TryRemove(id, out var replica) || (await replica.Load).Handle is not { } handle)
            return;
        replica.To(LifeState.Draining);
        _draining[replica] = 0;
        Changed?.Invoke();
        try
        {
            handle.Retire();
            await handle.DrainedAsync();
            await _pool.RunAsync(Trim);
            LogUnloaded(logger, id.Model, id.Version);
        }
        finally
        {
            _draining.TryRemove(replica, out _);
            _report.Moved(id, replica.Life.Places, []);
            instruments?.LoadedBytes.Add(-replica.Life.Bytes, ServingInstruments.Tags(id));
            CountGpus(id, replica.Life.GpuBytes, NoGpus);
        }
    }

    private static bool IsReached(ServingPlan plan, int version) =>
        plan.Default == version || plan.Aliases.GetValueOrDefault(ServingPlan.Champion) == version || plan.Traffic?.Versions.Contains(version) == true;

    private static bool Trim()
    {
        NativeMemory.Trim();
        return true;
    }

    private void Remember(VersionLife life) => _past[life.Id] = life;

    private VersionRank RankOf(ModelVersionId id) => options.IsPinned(id) ? VersionRank.Pinned : _ranks.GetValueOrDefault(id, VersionRank.Ordinary);

    private long LastUsedOf(ModelVersionId id) => _replicas.TryGetValue(id, out var replica) ? replica.LastUsed : 0;

    private DateTime Now() => time.GetUtcNow().UtcDateTime;
}
