namespace OrleansMl.Streams;

/// <summary>How a stream provider over a log reads, caches and delivers.</summary>
public sealed class LogStreamOptions
{
    /// <summary>
    /// Records of one stream that are delivered together at most, by namespace. What fails is retried and dead-lettered
    /// together, so a namespace whose consumers may throw for a single record stays at <see cref="BatchRecords"/>.
    /// </summary>
    public Dictionary<string, int> BatchRecordsByNamespace { get; } = new(StringComparer.Ordinal)
    {
        [OmlStreams.Events] = 500,
        [OmlStreams.Outcomes] = 500,
        [OmlStreams.Examples] = 256,
    };

    /// <summary>Records of one stream that are delivered together at most, where the namespace is not named. Default 1.</summary>
    public int BatchRecords { get; set; } = 1;

    /// <summary>Records read and not done with, per partition, at which reading waits: back-pressure. Default 4,096.</summary>
    public int CachedRecords { get; set; } = 4096;

    /// <summary>How long one read of an idle partition waits. Also how late its position may be stored. Default 200 ms.</summary>
    public TimeSpan ReadWait { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Least time between two stores of a partition's position. Default 1 s.</summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a delivery that fails is tried again before it goes to the dead letters; the bound for which one stream can
    /// hold its partition. Longer than a silo takes to be declared dead (about 15 s), or its records end there. Default 60 s.
    /// </summary>
    public TimeSpan MaxDeliveryTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>First and last pause between tries of a delivery. Default 100 ms and 5 s.</summary>
    public TimeSpan MinBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc cref="MinBackoff"/>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an agent may take to open or close its partition. Default 10 s.</summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal int BatchRecordsOf(string ns) => BatchRecordsByNamespace.TryGetValue(ns, out var records) ? records : BatchRecords;

    /// <exception cref="ArgumentOutOfRangeException">A value that cannot work; names it and the remedy.</exception>
    public void Validate(string provider)
    {
        AtLeast(nameof(BatchRecords), BatchRecords, 1);
        AtLeast(nameof(CachedRecords), CachedRecords, 1);
        foreach (var (ns, records) in BatchRecordsByNamespace)
            AtLeast($"{nameof(BatchRecordsByNamespace)}['{ns}']", records, 1);
        Positive(nameof(ReadWait), ReadWait);
        Positive(nameof(MaxDeliveryTime), MaxDeliveryTime);
        Positive(nameof(MinBackoff), MinBackoff);
        Positive(nameof(OpenTimeout), OpenTimeout);
        if (MaxBackoff < MinBackoff)
            throw new ArgumentOutOfRangeException(nameof(MaxBackoff), MaxBackoff, $"Stream provider '{provider}': MaxBackoff is below MinBackoff ({MinBackoff}); raise it.");

        void AtLeast(string name, int value, int least)
        {
            if (value < least)
                throw new ArgumentOutOfRangeException(name, value, $"Stream provider '{provider}': {name} must be {least} or more.");
        }

        void Positive(string name, TimeSpan value)
        {
            if (value <= TimeSpan.Zero)
                throw new ArgumentOutOfRangeException(name, value, $"Stream provider '{provider}': {name} must be positive.");
        }
    }
}
