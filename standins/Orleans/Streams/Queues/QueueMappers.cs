using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Configuration
{
    /// <summary>How many queues a provider has.</summary>
    public class HashRingStreamQueueMapperOptions
    {
        public const int DEFAULT_NUM_QUEUES = 8;

        public int TotalQueueCount { get; set; } = DEFAULT_NUM_QUEUES;
    }
}

namespace Orleans.Runtime
{
    /// <summary>A part of the ring of hashes.</summary>
    public interface IRingRange
    {
        bool InRange(uint value);

        sealed bool InRange(GrainId grainId) => InRange(grainId.GetUniformHashCode());
    }
}

namespace Orleans.Streams
{
    /// <summary>Which queue a stream goes to.</summary>
    public interface IStreamQueueMapper
    {
        IEnumerable<QueueId> GetAllQueues();

        QueueId GetQueueForStream(StreamId streamId);
    }

    /// <summary>A mapper whose queues lie on the ring of hashes.</summary>
    public interface IConsistentRingStreamQueueMapper : IStreamQueueMapper
    {
        IEnumerable<QueueId> GetQueuesForRange(IRingRange range);
    }

    /// <summary>Queues at equal distances on the ring; a stream goes to the first one at or after its hash.</summary>
    public class HashRingBasedStreamQueueMapper : IConsistentRingStreamQueueMapper
    {
        private const long RingSize = 1L << 32;
        private readonly QueueId[] _queues;

        public HashRingBasedStreamQueueMapper(HashRingStreamQueueMapperOptions options, string queueNamePrefix)
            : this(options.TotalQueueCount, queueNamePrefix)
        {
        }

        internal HashRingBasedStreamQueueMapper(int count, string queueNamePrefix)
        {
            if (count < 1)
                throw new ArgumentException("TotalQueueCount must be at least 1");
            var distance = count == 1 ? 0 : (RingSize / count) + 1;
            _queues = new QueueId[count];
            for (uint i = 0; i < count; i++)
                _queues[i] = QueueId.GetQueueId(queueNamePrefix, i, checked((uint)(distance * i)));
        }

        public IEnumerable<QueueId> GetAllQueues() => _queues;

        public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) => _queues.Where(q => range.InRange(q.GetUniformHashCode())).ToList();

        public QueueId GetQueueForStream(StreamId streamId)
        {
            var hash = (uint)streamId.GetHashCode();
            foreach (var queue in _queues)
            {
                if (queue.GetUniformHashCode() >= hash)
                    return queue;
            }

            // Beyond the last one the ring begins anew.
            return _queues[0];
        }

        public override string ToString() => string.Join(", ", _queues.Select(q => q.ToStringWithHashCode()));
    }

    /// <summary>One queue for each partition of a broker.</summary>
    public sealed class HashRingBasedPartitionedStreamQueueMapper : HashRingBasedStreamQueueMapper
    {
        private readonly Dictionary<QueueId, string> _partitions;

        public HashRingBasedPartitionedStreamQueueMapper(IReadOnlyList<string> partitionIds, string queueNamePrefix)
            : base(partitionIds.Count, queueNamePrefix) =>
            _partitions = GetAllQueues().Zip(partitionIds).ToDictionary(p => p.First, p => p.Second);

        public string QueueToPartition(QueueId queue) =>
            _partitions.TryGetValue(queue, out var partition) ? partition : throw new ArgumentOutOfRangeException($"Queue {queue.ToStringWithHashCode()}");
    }
}
