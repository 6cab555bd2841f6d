using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>Streams and dead letters, as the gateway shows them to operators. One for each silo.</summary>
public interface IStreamService
{
    /// <summary>The partitions that this silo reads.</summary>
    IReadOnlyList<PartitionStatus> Partitions { get; }

    /// <summary>Dead letters after an id, oldest first.</summary>
    Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string? afterId, int limit, CancellationToken cancellationToken);

    /// <summary>One dead letter; 404 where there is none.</summary>
    Task<OmlResult<DeadLetter>> GetDeadLetterAsync(string id, CancellationToken cancellationToken);

    /// <summary>
    /// Sends a dead letter again: events and outcomes are applied at once and say what is wrong if they still are; other
    /// namespaces are appended to their stream again. The letter stays, marked as replayed.
    /// </summary>
    /// <param name="payload">Other data in its place, to mend it; null: as it is.</param>
    Task<OmlResult<DeadLetter>> ReplayAsync(string id, ReadOnlyMemory<byte>? payload, CancellationToken cancellationToken);

    /// <summary>Reads partitions again from an offset or a time. Null partition: all of the provider.</summary>
    Task<OmlResult<ImmutableArray<PartitionStatus>>> RewindAsync(string provider, string? partition, LogStart start, CancellationToken cancellationToken);
}
