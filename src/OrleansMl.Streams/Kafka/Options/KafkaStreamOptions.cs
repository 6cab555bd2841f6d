namespace OrleansMl.Streams.Kafka;

/// <summary>A stream provider on Apache Kafka.</summary>
public sealed class KafkaStreamOptions
{
    /// <summary>Brokers to find the cluster by: <c>host:port,host:port</c>.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>
    /// Consumer group under which positions are stored. Partitions are assigned by Orleans; nobody may subscribe with this
    /// group, or Kafka would assign them as well.
    /// </summary>
    public string GroupId { get; set; } = "oml";

    /// <summary>Topics by stream namespace.</summary>
    public Dictionary<string, KafkaTopicOptions> Topics { get; } = new(StringComparer.Ordinal)
    {
        [OmlStreams.Events] = new() { Name = "oml.events" },
        [OmlStreams.Predictions] = new() { Name = "oml.predictions" },
        [OmlStreams.Outcomes] = new() { Name = "oml.outcomes" },
        [OmlStreams.Examples] = new() { Name = "oml.examples" },
    };

    /// <summary>What the name of a topic's dead-letter topic ends with.</summary>
    public string DeadLetterSuffix { get; set; } = ".dlq";

    /// <summary>
    /// Creates topics that are absent when the provider starts, with the time of the append as their timestamps, so that a
    /// rewind by time means what it says. False: absent topics are a configuration error.
    /// </summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>Copies of a topic created here; -1: the broker's default.</summary>
    public short ReplicationFactor { get; set; } = -1;

    /// <summary>How keys choose partitions.</summary>
    public KafkaPartitioner Partitioner { get; set; } = KafkaPartitioner.Murmur2;

    /// <summary>Where to begin without a stored position.</summary>
    public KafkaStartAt StartAt { get; set; } = KafkaStartAt.Earliest;

    /// <summary><c>source</c> of the CloudEvents that are written: a URI reference.</summary>
    public string Source { get; set; } = "orleansml";

    /// <summary>Longest value in bytes. A longer one that comes in is a fault, and is never copied or parsed; one to be appended is refused.</summary>
    public int MaxRecordBytes { get; set; } = 1 << 20;

    /// <summary>Bytes asked for in one fetch of a partition, and those that wait inside the client library.</summary>
    public int FetchMaxBytes { get; set; } = 1 << 20;

    /// <summary>
    /// Bytes of decoded records that wait for the provider, for each partition. With two fetches and one record these are
    /// all that a reader holds.
    /// </summary>
    public int QueueMaxBytes { get; set; } = 4 << 20;

    /// <summary>How long an append waits for a broker that is away before it fails.</summary>
    public TimeSpan AppendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one administrative request, or storing a position, may take.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often an unchanged position is stored again: brokers forget the positions of a group without members after
    /// <c>offsets.retention.minutes</c> (seven days by default), also while its partitions are quiet.
    /// </summary>
    public TimeSpan PositionRefresh { get; set; } = TimeSpan.FromHours(6);

    /// <summary>
    /// Settings of librdkafka for every client: <c>security.protocol</c>, <c>sasl.mechanism</c>, <c>sasl.username</c>,
    /// <c>sasl.password</c>, <c>ssl.ca.location</c>, … Those that would break what the provider promises are refused by name.
    /// </summary>
    public Dictionary<string, string> Client { get; } = new(StringComparer.Ordinal);
}
