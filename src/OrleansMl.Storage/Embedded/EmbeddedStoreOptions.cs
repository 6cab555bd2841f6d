namespace OrleansMl.Storage.Embedded;

/// <summary>Where the embedded store lies and how it writes.</summary>
public sealed class EmbeddedStoreOptions
{
    /// <summary>The one folder of all data; created where absent. Must be a local disk: the lock and the log need one.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>What an acknowledged write survives.</summary>
    public StoreDurability Durability { get; set; } = StoreDurability.Power;

    /// <summary>Most rows that share a commit; bounds the wait of those that came first.</summary>
    public int MaxBatchRows { get; set; } = 8_192;

    /// <summary>Most operations that wait for the writer; beyond, callers wait for room.</summary>
    public int QueueCapacity { get; set; } = 16_384;

    /// <summary>
    /// Bytes of entity logs that gather in segments, of which memory holds a copy, before they move into pages ordered by entity. More makes
    /// writing cheaper and opening after a crash slower (about 10 ms a MiB).
    /// </summary>
    public int LogBufferBytes { get; set; } = 32 << 20;

    /// <summary>Read connections kept open.</summary>
    public int KeptReaders { get; set; } = Math.Max(4, Environment.ProcessorCount);

    /// <summary>Size in bytes beyond which writes fail with a <see cref="StoreException"/> (code 13); null: the disk's.</summary>
    public long? MaxDatabaseBytes { get; set; }

    /// <summary>Queues of the stream log of a store that is made now; a store that exists keeps its own.</summary>
    public int StreamQueues { get; set; } = 8;

    /// <summary>How long records of streams stay after they are done with, so that a queue can be rewound.</summary>
    public TimeSpan StreamRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Namespaces whose records stay until their consumers release them, and no longer. It holds for streams that begin
    /// from now on.
    /// </summary>
    public ISet<string> KeptStreamNamespaces { get; } = new HashSet<string>(StringComparer.Ordinal) { "examples" };

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names it and the remedy.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(DataFolder))
            throw new ArgumentException("The embedded store has no data folder. Set EmbeddedStoreOptions.DataFolder.");
        RequireRange(MaxBatchRows, 1, 1_000_000, nameof(MaxBatchRows));
        RequireRange(QueueCapacity, 1, 1_000_000, nameof(QueueCapacity));
        RequireRange(LogBufferBytes, 0, 1 << 30, nameof(LogBufferBytes));
        RequireRange(KeptReaders, 1, 1_024, nameof(KeptReaders));
        RequireRange(StreamQueues, 1, Streams.StreamQueues.Most, nameof(StreamQueues));
        if (StreamRetention < TimeSpan.Zero)
            throw new ArgumentException($"EmbeddedStoreOptions.StreamRetention is {StreamRetention}; the least is 0 (records go as soon as they are done with).");
        if (MaxDatabaseBytes is < 1 << 20)
            throw new ArgumentException($"EmbeddedStoreOptions.MaxDatabaseBytes is {MaxDatabaseBytes}; the least is {1 << 20} (1 MiB).");
    }

    private static void RequireRange(int value, int least, int most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentException($"EmbeddedStoreOptions.{name} is {value}; it must be from {least} to {most}.");
    }
}
