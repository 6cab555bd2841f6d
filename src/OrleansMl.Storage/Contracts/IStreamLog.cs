namespace OrleansMl.Storage;

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
