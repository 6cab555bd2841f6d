using System.Globalization;
using Orleans.Runtime;
using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>
/// The log of the embedded store. A partition is a queue of it, <c>queue/N</c>. Silos of one process share the store:
/// while a queue changes hands two may read it for a moment, and its position only rises.
/// </summary>
/// <param name="log">The store's log.</param>
/// <param name="isProducerOnly">It reads no queues: a client's.</param>
public sealed class LocalTransport(IStreamLog log, bool isProducerOnly = false) : ILogTransport
{
    private const string LocalKind = "local";
    private const string Prefix = "queue/";

    public string Kind => LocalKind;

    public IReadOnlyList<string> Partitions { get; } =
        isProducerOnly ? [] : [.. Enumerable.Range(0, log.Queues).Select(queue => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{queue}"))];

    /// <summary>Where a dead letter of the store's log says that it comes from, whoever puts it aside.</summary>
    public static string SourceOf(in StreamItem item) => string.Create(CultureInfo.InvariantCulture, $"{LocalKind}:{Prefix}{item.Queue}@{item.Offset}");

    public async Task AppendAsync(StreamId stream, IReadOnlyList<StreamRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        var (@namespace, key) = (stream.GetNamespace() ?? "", stream.GetKeyAsString());
        await log.AppendAsync([.. records.Select(record => new StreamAppend(@namespace, key, StreamRecordCodec.Encode(record)))], cancellationToken);
    }

    public ILogReader OpenReader(string partition) => new LocalReader(log, QueueOf(partition));

    public async Task RewindAsync(string partition, LogStart start, CancellationToken cancellationToken)
    {
        if (start.Time is { } time)
            await log.RewindAsync(QueueOf(partition), time, cancellationToken);
        else
            await log.RewindAsync(QueueOf(partition), start.Offset ?? 0, cancellationToken);
    }

    /// <summary>Nothing: the store is closed by whoever opened it.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private int QueueOf(string partition) =>
        partition.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(partition.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var queue)
        && queue < log.Queues
            ? queue
            : throw new ArgumentException($"There is no partition '{partition}' here; they are {Prefix}0 to {Prefix}{log.Queues - 1}.", nameof(partition));
}
