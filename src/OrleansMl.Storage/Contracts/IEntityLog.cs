namespace OrleansMl.Storage;

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
