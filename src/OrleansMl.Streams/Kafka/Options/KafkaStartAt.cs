namespace OrleansMl.Streams.Kafka;

/// <summary>Where to begin in a partition that has no stored position.</summary>
public enum KafkaStartAt
{
    /// <summary>At the oldest record that is still there.</summary>
    Earliest,

    /// <summary>After the newest record. The position is stored at once, so that a restart does not pass over what came since.</summary>
    Latest,
}
