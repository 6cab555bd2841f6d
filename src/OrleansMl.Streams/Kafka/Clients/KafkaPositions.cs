using Confluent.Kafka;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>Stored positions and bounds of partitions.</summary>
internal sealed class KafkaPositions(KafkaControl control)
{
    /// <summary>The stored position; null: none.</summary>
    /// <exception cref="IOException">Kafka did not answer in time.</exception>
    public Task<long?> StoredAsync(TopicPartition partition, CancellationToken cancellationToken) =>
        control.AskAsync($"the stored position of partition '{Name(partition)}' could not be read", (consumer, left) => Known(consumer.Committed([partition], left)[0].Offset), cancellationToken);

    /// <summary>The oldest offset that is there, and the one that the next append gets.</summary>
    /// <exception cref="IOException">Kafka did not answer in time.</exception>
    public Task<(long Low, long High)> BoundsAsync(TopicPartition partition, CancellationToken cancellationToken) => control.AskAsync($"the bounds of partition '{Name(partition)}' could not be read", (consumer, left) =>
    {
        var bounds = consumer.QueryWatermarkOffsets(partition, left);
        return (bounds.Low.Value, bounds.High.Value);
    }, cancellationToken);

    /// <summary>The first offset appended at or after a time; null: there is none.</summary>
    /// <exception cref="IOException">Kafka did not answer in time.</exception>
    public Task<long?> AtAsync(TopicPartition partition, DateTime time, CancellationToken cancellationToken)
    {
        var at = new TopicPartitionTimestamp(partition, new Timestamp(time.ToUniversalTime(), TimestampType.NotAvailable));
        return control.AskAsync($"the offset of partition '{Name(partition)}' at {time:u} could not be read", (consumer, left) => Known(consumer.OffsetsForTimes([at], left)[0].Offset), cancellationToken);
    }

    /// <summary>Stores a position; durable when it completes.</summary>
    /// <exception cref="IOException">It was not stored in time.</exception>
    public Task StoreAsync(TopicPartition partition, long offset, CancellationToken cancellationToken) => control.StoreAsync(new(partition, offset), cancellationToken);

    public static string Name(TopicPartition partition) => $"{partition.Topic}/{partition.Partition.Value}";

    private static long? Known(Offset offset) => offset.Value >= 0 ? offset.Value : null;
}
