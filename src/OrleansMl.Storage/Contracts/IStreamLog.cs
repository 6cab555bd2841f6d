namespace OrleansMl.Storage;

/// <summary>A record to append to a stream.</summary>
/// <param name="Namespace">The stream's namespace: <c>examples</c>, <c>events</c>, …</param>
/// <param name="Key">The stream's key within its namespace: what order is kept for.</param>
/// <param name="Record">The writer's bytes.</param>
public sealed record StreamAppend(string Namespace, string Key, ReadOnlyMemory<byte> Record);

/// <summary>A record as it lies in the log.</summary>
/// <param name="Queue">The queue of its stream.</param>
/// <param name="Offset">Rises within its queue and is never used again; gaps are where records were trimmed.</param>
/// <param name="Namespace">Namespace of its stream.</param>
/// <param name="Key">Key of its stream.</param>
/// <param name="Sequence">1, 2, 3, … within its stream, in the order of commits; never used again, whatever was trimmed.</param>
/// <param name="Appended">When it was appended, UTC; never falls within a queue.</param>
/// <param name="Record">The writer's bytes.</param>
public readonly record struct StreamItem(int Queue, long Offset, string Namespace, string Key, long Sequence, DateTime Appended, ReadOnlyMemory<byte> Record);

/// <summary>Where a queue stands.</summary>
/// <param name="Position">Everything below is done with; -1: nothing was stored yet.</param>
/// <param name="End">The offset that the next append gets.</param>
public readonly record struct StreamQueueState(long Position, long End);

/// <summary>Where a stream stands.</summary>
/// <param name="Key">Its key within the namespace.</param>
/// <param name="LastSequence">Sequence of its last record; 0: it has had none.</param>
/// <param name="Released">Sequence that its consumer has released through; null: its records are not kept for a consumer.</param>
public readonly record struct StreamKeyState(string Key, long LastSequence, long? Released)
{
    /// <summary>Records that its consumer has not released.</summary>
    public long Held => Released is { } released ? LastSequence - released : 0;
}

/// <summary>
/// Streams in a durable log, divided into queues: a stream lies in one queue, in order. A record stays until its queue's
/// position has passed it and, in a namespace that is kept for consumers, its stream's consumer has released it; in the
/// other namespaces for a time beyond that, so that a queue can be rewound.
/// </summary>
public interface IStreamLog
{
    /// <summary>How many queues there are, from 0; frozen when the log was made.</summary>
    int Queues { get; }

    /// <summary>Appends in one commit, in order; durable when it completes.</summary>
    ValueTask AppendAsync(IReadOnlyList<StreamAppend> records, CancellationToken cancellationToken = default);

    /// <summary>
    /// Records of a queue from an offset on (inclusive), ascending, at most <paramref name="limit"/>. Where there is none it
    /// waits up to <paramref name="wait"/> for the first, without a thread and without asking the disk; empty: none came.
    /// </summary>
    ValueTask<IReadOnlyList<StreamItem>> ReadAsync(int queue, long fromOffset, int limit, TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>Records of one stream after a sequence (exclusive), ascending, at most <paramref name="limit"/>: what its consumer has missed.</summary>
    ValueTask<IReadOnlyList<StreamItem>> ReadStreamAsync(string @namespace, string key, long afterSequence, int limit, CancellationToken cancellationToken = default);

    ValueTask<StreamQueueState> GetQueueAsync(int queue, CancellationToken cancellationToken = default);

    ValueTask<StreamKeyState> GetStreamAsync(string @namespace, string key, CancellationToken cancellationToken = default);

    /// <summary>Streams of a namespace with records that their consumers have not released, by key.</summary>
    ValueTask<IReadOnlyList<StreamKeyState>> ListHeldAsync(string @namespace, CancellationToken cancellationToken = default);

    /// <summary>Everything of the queue below an offset is done with. A position only rises: a late or repeated call changes nothing.</summary>
    ValueTask StorePositionAsync(int queue, long nextOffset, CancellationToken cancellationToken = default);

    /// <summary>Sets the position to an offset, back or forth; the one way to lower it.</summary>
    ValueTask RewindAsync(int queue, long toOffset, CancellationToken cancellationToken = default);

    /// <summary>Sets the position to the first record that was appended at or after a time, or to the end.</summary>
    ValueTask RewindAsync(int queue, DateTime toTime, CancellationToken cancellationToken = default);

    /// <summary>
    /// The consumer's own state is durable through a sequence: the log need not keep more for it. Only rises; of a stream
    /// that is not kept for a consumer it changes nothing.
    /// </summary>
    ValueTask ReleaseAsync(string @namespace, string key, long throughSequence, CancellationToken cancellationToken = default);

    /// <summary>Removes what need not stay, in pieces; how many records. The log does so by itself from time to time.</summary>
    ValueTask<long> TrimAsync(CancellationToken cancellationToken = default);
}
