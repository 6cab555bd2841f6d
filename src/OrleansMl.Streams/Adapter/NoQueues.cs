using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.Streams;

/// <summary>The mapper of a provider that only produces: it has nothing to read.</summary>
internal sealed class NoQueues : IConsistentRingStreamQueueMapper
{
    public static NoQueues Instance { get; } = new();

    public IEnumerable<QueueId> GetAllQueues() => [];

    public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) => [];

    public QueueId GetQueueForStream(StreamId streamId) => throw new NotSupportedException("This stream provider reads no partitions.");
}
