namespace OrleansMl.Storage;

/// <summary>One stored record of an entity's log.</summary>
/// <param name="Sequence">Position in the entity's log, from 1, without gaps.</param>
/// <param name="Kind">The writer's kind byte.</param>
/// <param name="Id">The writer's id; unique per entity and kind (a higher revision of the same id is a new record).</param>
/// <param name="Type">Event type or target; may be empty.</param>
/// <param name="EventTime">When it happened, UTC, to 100 ns.</param>
/// <param name="Created">When it was appended, UTC; never falls within a log.</param>
/// <param name="Revision">Revision of the id; 0 where revisions are not used.</param>
/// <param name="Payload">The writer's bytes, opaque to the store.</param>
public readonly record struct LogEntry(long Sequence, byte Kind, string Id, string Type, DateTime EventTime, DateTime Created, int Revision, ReadOnlyMemory<byte> Payload);

/// <summary>A record to append; two with equal kind, id and revision are the same record when type, time and payload are equal.</summary>
public readonly record struct LogAppend(byte Kind, string Id, string Type, DateTime EventTime, int Revision, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The writer stamped the event time itself, so it is no part of the record's identity.</summary>
    public bool TimeIsStamped { get; init; }
}

/// <summary>What became of one append.</summary>
public enum LogAppendStatus : byte
{
    Appended,

    /// <summary>The same record is in the log already, at the given sequence.</summary>
    Duplicate,

    /// <summary>The log holds the id with other content (or a higher revision of it).</summary>
    Conflict,
}

/// <summary>Fate and place of one append.</summary>
public readonly record struct LogAppendOutcome(LogAppendStatus Status, long Sequence);

/// <summary>
/// The append-only log of every entity: the single source of truth for features. Durable when a call returns; calls of
/// many entities share a commit.
/// </summary>
public interface IEntityLog
{
    /// <summary>Appends in order, all or nothing except for duplicates and conflicts, which are told apart for each record (also within the batch).</summary>
    /// <param name="entityKey">Grain key of the entity.</param>
    /// <param name="expectedLastSequence">The writer's view of the last sequence: the fence against a second writer.</param>
    /// <param name="records">What to append.</param>
    /// <param name="created">Created time of all of them; raised to the log's last created time where that is later.</param>
    /// <param name="cancellationToken">Stops the wait; an append that a commit has taken up goes through.</param>
    /// <exception cref="LogFencedException">Another writer has appended.</exception>
    ValueTask<LogAppendOutcome[]> AppendAsync(string entityKey, long expectedLastSequence, IReadOnlyList<LogAppend> records, DateTime created, CancellationToken cancellationToken = default);

    /// <summary>Records after <paramref name="afterSequence"/>, ascending, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<LogEntry>> ReadAsync(string entityKey, long afterSequence, int limit, CancellationToken cancellationToken = default);

    /// <summary>The last sequence; 0 for an entity without records.</summary>
    ValueTask<long> GetLastSequenceAsync(string entityKey, CancellationToken cancellationToken = default);

    /// <summary>Stores a snapshot of the fold at a sequence; an older one is replaced, a newer one stays.</summary>
    ValueTask SaveSnapshotAsync(string entityKey, long sequence, string foldVersion, ReadOnlyMemory<byte> snapshot, CancellationToken cancellationToken = default);

    /// <summary>The stored snapshot if it was made by this version of the fold; else null.</summary>
    ValueTask<(long Sequence, byte[] Snapshot)?> LoadSnapshotAsync(string entityKey, string foldVersion, CancellationToken cancellationToken = default);
}

/// <summary>A second writer has appended to the same entity's log: this one must give up its state and reload.</summary>
public sealed class LogFencedException(string entityKey, long expected, long actual)
    : Exception($"The log of '{entityKey}' ends at {actual}, not at {expected}: another writer has appended. Reload and try again.");
