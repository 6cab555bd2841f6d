namespace OrleansMl.Serving;

/// <summary>A version on another silo, as this one knows it.</summary>
internal sealed class RemoteReplica(string silo, IReplicaGrain grain)
{
    private int _load;

    public string Silo => silo;

    public IReplicaGrain Grain => grain;

    /// <summary>Requests that wait for it or run on it: as it said last, and what was sent there since.</summary>
    public int Load
    {
        get => Volatile.Read(ref _load);
        set => Volatile.Write(ref _load, value);
    }

    /// <summary>A request goes there: others see it before the answer tells.</summary>
    public void Sent() => Interlocked.Increment(ref _load);
}
