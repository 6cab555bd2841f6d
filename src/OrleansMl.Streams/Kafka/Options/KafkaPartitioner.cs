namespace OrleansMl.Streams.Kafka;

/// <summary>How a record's key chooses its partition. All producers of a topic should agree, or a key's order is lost between them.</summary>
public enum KafkaPartitioner
{
    /// <summary>As Java clients do: murmur2 of the key.</summary>
    Murmur2,

    /// <summary>As librdkafka does by default (<c>consistent_random</c>): CRC32 of the key.</summary>
    Librdkafka,
}
