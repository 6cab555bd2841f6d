namespace OrleansMl.Streams;

/// <summary>Bounds of the bulk path.</summary>
public sealed class BulkOptions
{
    /// <summary>Records of one partition that are read and not done with, at which the partition is no longer read. Default 10,000.</summary>
    public int MaxInFlight { get; set; } = 10_000;

    /// <summary>Records of one key that are applied in one call. Default 500.</summary>
    public int MaxPerCall { get; set; } = 500;

    /// <summary>
    /// Keys of one partition that are applied at once. The others wait and gather records, so that a backlog is applied in few
    /// large calls. A call that takes longer than <see cref="SlowCall"/>, or that has to be tried again, does not count.
    /// Default 64.
    /// </summary>
    public int MaxCalls { get; set; } = 64;

    /// <summary>After this a call gives its place among <see cref="MaxCalls"/> to another key. Default 500 ms.</summary>
    public TimeSpan SlowCall { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long one key's records are tried before they go to the dead letters: what a key can hold its partition's position. Default 60 s.</summary>
    public TimeSpan MaxDeliveryTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>First and last pause between tries. Default 100 ms and 5 s.</summary>
    public TimeSpan MinBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc cref="MinBackoff"/>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two stores of positions. Default 1 s.</summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a partition that goes to another silo waits for what is on its way. Default 5 s.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after a silo died its partitions go to others. The broker allows 6 s or more. Default 10 s.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Name of this silo as a member of the group, unique among them, the same after a restart: a silo that comes back within
    /// <see cref="SessionTimeout"/> goes on with its partitions at once. Null: a new member at every start.
    /// </summary>
    public string? InstanceId { get; set; }

    /// <exception cref="ArgumentOutOfRangeException">A value that cannot work; names it and the remedy.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPerCall, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCalls, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SlowCall, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxDeliveryTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MinBackoff, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBackoff, MinBackoff);
        ArgumentOutOfRangeException.ThrowIfLessThan(SessionTimeout, TimeSpan.FromSeconds(6));
    }
}
