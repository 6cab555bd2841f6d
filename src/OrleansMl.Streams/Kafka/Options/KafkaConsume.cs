namespace OrleansMl.Streams.Kafka;

/// <summary>Who reads a topic.</summary>
public enum KafkaConsume
{
    /// <summary>The stream provider: one Orleans queue for each partition.</summary>
    Streams,

    /// <summary>A bulk consumer beside the stream provider; the provider only appends.</summary>
    Bulk,

    /// <summary>Nobody here; the topic is appended to.</summary>
    None,
}
