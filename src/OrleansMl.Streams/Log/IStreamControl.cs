namespace OrleansMl.Streams;

/// <summary>What an operator does with the streams of a cluster.</summary>
public interface IStreamControl
{
    /// <summary>The partitions that this silo reads.</summary>
    IReadOnlyList<PartitionStatus> Partitions { get; }

    /// <summary>
    /// Lets partitions be read again from an offset or a time: every silo lets its partitions go, the positions are stored,
    /// every silo takes partitions up again. Consumers meet the records a second time; what counts once counts once.
    /// </summary>
    /// <param name="provider">The stream provider.</param>
    /// <param name="partition">One partition; null: all of the provider.</param>
    /// <param name="start">From where.</param>
    /// <exception cref="ArgumentException">There is no such provider or partition; names what there is.</exception>
    Task RewindAsync(string provider, string? partition, LogStart start, CancellationToken cancellationToken = default);
}
