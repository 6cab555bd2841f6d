namespace OrleansMl.Streams.Kafka;

/// <summary>The topic of a stream namespace.</summary>
public sealed class KafkaTopicOptions
{
    /// <summary>Name of the topic: 1–249 of <c>[a-zA-Z0-9._-]</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// Partitions, as the topic is created and as it must stay: another count moves keys to other partitions, and their order
    /// is lost.
    /// </summary>
    public int Partitions { get; set; } = 8;

    /// <summary>Who reads it.</summary>
    public KafkaConsume Consume { get; set; } = KafkaConsume.Streams;

    /// <summary>For foreign producers that write plain JSON; null: only CloudEvents are understood.</summary>
    public KafkaRecordMapping? Mapping { get; set; }
}
