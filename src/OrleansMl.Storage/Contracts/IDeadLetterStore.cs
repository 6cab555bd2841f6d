namespace OrleansMl.Storage;

/// <summary>Dead letters of all streams of a silo's store.</summary>
public interface IDeadLetterStore
{
    /// <summary>Durable when it returns. A source that is here already keeps its first letter.</summary>
    ValueTask AppendAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken = default);

    /// <summary>Letters after an id (exclusive; null: from the first), ascending, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<DeadLetter>> ListAsync(string? afterId, int limit, CancellationToken cancellationToken = default);

    ValueTask<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Notes that a letter was sent again; false: there is no such letter.</summary>
    ValueTask<bool> MarkReplayedAsync(string id, DateTime at, CancellationToken cancellationToken = default);
}
