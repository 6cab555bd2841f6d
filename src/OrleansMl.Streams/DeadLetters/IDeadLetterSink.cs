using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>
/// Where records go that cannot be used: the store's dead letters, a <c>.dlq</c> topic. A provider writes to all of its
/// sinks before the watermark passes the record.
/// </summary>
public interface IDeadLetterSink
{
    /// <summary>Durable when it completes; may be called again for the same letters.</summary>
    Task WriteAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken);
}
