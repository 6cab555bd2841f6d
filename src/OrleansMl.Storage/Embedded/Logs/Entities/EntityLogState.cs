namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>
/// One entity's log as the writer sees it: where it ends, and its records that are in segments only. The writer's thread
/// owns it; other threads see <see cref="Pending"/> alone.
/// </summary>
internal sealed class EntityLogState(string key, long pk, bool isStored, long last, long created)
{
    public string Key => key;

    public long Pk => pk;

    /// <summary>It has a row among the entities; else segments name its key.</summary>
    public bool IsStored { get; set; } = isStored;

    /// <summary>Sequence through which records are in pages.</summary>
    public long PagedThrough { get; set; } = last;

    public long LastSequence { get; set; } = last;

    public long LastCreated { get; set; } = created;

    /// <summary>Ids of the records after <see cref="PagedThrough"/>.</summary>
    public PendingIds Ids { get; } = new();

    /// <summary>Committed records that are not in pages, for readers.</summary>
    public PendingLog Pending { get; } = new(pk);

    /// <summary>Chunks of the transaction that is open.</summary>
    public List<LogChunk> Staged { get; } = [];
}
