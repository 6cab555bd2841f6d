using Orleans.Runtime;

namespace OrleansMl.Streams;

/// <summary>
/// A durable log in partitions, for one stream provider: what the adapter needs of Kafka, of the embedded store, or of
/// another log. Everything that Orleans asks of a provider stands above it, once.
/// </summary>
public interface ILogTransport : IAsyncDisposable
{
    /// <summary>Where dead letters say that they come from: <c>kafka</c>, <c>local</c>.</summary>
    string Kind { get; }

    /// <summary>
    /// The partitions to read: one Orleans queue each, in an order that never changes while a cluster runs. Empty for a
    /// producer alone.
    /// </summary>
    IReadOnlyList<string> Partitions { get; }

    /// <summary>Appends in order; durable when it completes.</summary>
    /// <exception cref="ArgumentException">The stream's namespace is not carried, or a record cannot be written; says why.</exception>
    Task AppendAsync(StreamId stream, IReadOnlyList<StreamRecord> records, CancellationToken cancellationToken);

    /// <summary>A reader of one of <see cref="Partitions"/>; does no I/O yet.</summary>
    ILogReader OpenReader(string partition);

    /// <summary>Stores another position for a partition that no reader has open.</summary>
    Task RewindAsync(string partition, LogStart start, CancellationToken cancellationToken);
}
