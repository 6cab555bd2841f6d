namespace OrleansMl.Streams;

/// <summary>Reads one partition from its stored position. Used by one caller at a time, except for <see cref="Position"/>.</summary>
public interface ILogReader : IAsyncDisposable
{
    /// <summary>Finds the stored position. May be called again after it failed.</summary>
    Task InitializeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The next records, offsets rising; waits up to <paramref name="wait"/> for the first one. Empty: none came. Never
    /// blocks a thread. A log that cannot be reached throws; the next call tries again.
    /// </summary>
    ValueTask<IReadOnlyList<LogRecord>> ReadAsync(int max, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>Stores the position: everything below <paramref name="nextOffset"/> is done with. Durable when it completes.</summary>
    Task CommitAsync(long nextOffset, CancellationToken cancellationToken);

    /// <summary>Where the reader stands. Cheap, and safe from any thread.</summary>
    LogPosition Position { get; }
}

/// <summary>Where a reader stands in its partition.</summary>
/// <param name="Committed">Everything below is done with; -1: nothing was stored yet.</param>
/// <param name="Next">The next offset to be read; -1: not known yet.</param>
/// <param name="End">The offset that the next append gets, as last seen; -1: not known yet.</param>
public readonly record struct LogPosition(long Committed, long Next, long End)
{
    /// <summary>Records that are not done with.</summary>
    public long Lag => End < 0 ? 0 : Math.Max(0, End - Math.Max(0, Committed));
}

/// <summary>Where to begin to read.</summary>
/// <param name="Offset">From this offset; null: not by offset.</param>
/// <param name="Time">From the first record appended at or after this time, UTC; null: not by time.</param>
public readonly record struct LogStart(long? Offset, DateTime? Time)
{
    public static LogStart AtOffset(long offset) => new(offset, null);

    public static LogStart AtTime(DateTime time) => new(null, time);

    public static LogStart Earliest => new(0, null);
}
