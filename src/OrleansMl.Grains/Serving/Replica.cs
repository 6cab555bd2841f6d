using System.Collections.Immutable;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>One version in this process, from the moment it is asked for until it is drained.</summary>
internal sealed class Replica
{
    private readonly TimeProvider _time;
    private readonly Lazy<Task<ReplicaLoad>> _load;
    private long _lastUsed;
    private volatile VersionLife _life;
    private volatile ModelHandle<LoadedVersion>? _handle;

    /// <param name="manifest">Of the version.</param>
    /// <param name="load">Loads it; runs once.</param>
    /// <param name="time">Clock of states and of use.</param>
    public Replica(VersionManifest manifest, Func<Replica, Task<ReplicaLoad>> load, TimeProvider time)
    {
        (Manifest, _time) = (manifest, time);
        Id = new ModelVersionId(manifest.Model, manifest.Version);
        _life = new VersionLife(Id, LifeState.Queued, null, time.GetUtcNow().UtcDateTime, 0);

        // Off the caller's scheduler, which may be a grain's turn.
        _load = new Lazy<Task<ReplicaLoad>>(() => Task.Run(() => load(this)));
    }

    public ModelVersionId Id { get; }

    public VersionManifest Manifest { get; }

    /// <summary>Its load, begun by whoever asks first.</summary>
    public Task<ReplicaLoad> Load => _load.Value;

    /// <summary>The version, once it is available.</summary>
    public ModelHandle<LoadedVersion>? Handle => _handle;

    public VersionLife Life => _life;

    /// <summary>Held by whoever opens other sessions for it.</summary>
    public SemaphoreSlim Reopening { get; } = new(1, 1);

    /// <summary>When a request last took it, or it was loaded; 0: neither yet.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    public void Touch() => Volatile.Write(ref _lastUsed, _time.GetTimestamp());

    public void To(LifeState state, string? reason = null, bool mayPass = false) =>
        _life = _life with { State = state, Reason = reason, Since = _time.GetUtcNow().UtcDateTime, MayPass = mayPass };

    /// <summary>Sets what is to be said of one that is available: why it does not run as it is configured.</summary>
    public void Explain(string? reason)
    {
        if (_life is { State: LifeState.Available } life && life.Reason != reason)
            _life = life with { Reason = reason };
    }

    /// <summary>Sets how much memory counts as its.</summary>
    /// <param name="bytes">Of the process.</param>
    /// <param name="onGpus">Of GPUs, by their numbers.</param>
    public void Take(long bytes, ImmutableSortedDictionary<int, long> onGpus) => _life = _life with { Bytes = bytes, GpuBytes = onGpus };

    /// <summary>Sets where its sessions run.</summary>
    public void Place(ImmutableArray<SessionPlace> places) => _life = _life with { Places = places };

    public void Open(ModelHandle<LoadedVersion> handle)
    {
        // To be evicted before the request that it was loaded for has come to it would be in vain.
        Touch();
        _handle = handle;
        To(LifeState.Available, DeviceReport.FallbackOf(_life.Places));
    }
}
