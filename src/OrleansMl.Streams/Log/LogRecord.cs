using Orleans.Runtime;

namespace OrleansMl.Streams;

/// <summary>A record as it lies in a partition of the log.</summary>
/// <param name="Offset">Rises within the partition; gaps are allowed.</param>
/// <param name="Stream">The stream it belongs to.</param>
/// <param name="Record">The record.</param>
public readonly record struct LogRecord(long Offset, StreamId Stream, StreamRecord Record)
{
    /// <summary>
    /// Why it cannot be delivered; null: it can. Such a record holds what could be read of it, goes to the dead letters
    /// before the watermark passes it, and to no consumer.
    /// </summary>
    public LogFault? Fault { get; init; }
}

/// <summary>Why a record cannot be delivered.</summary>
/// <param name="Reason">A code: <c>unparsable</c>, <c>no_key</c>, <c>too_large</c>, …</param>
/// <param name="Detail">A sentence for the operator.</param>
public sealed record LogFault(string Reason, string Detail);
