namespace OrleansMl.Streams.Kafka.Records;

/// <summary>
/// Header names. <c>ce_*</c> and <c>content-type</c>: the CloudEvents Kafka protocol binding 1.0.2, section 3.2 (binary content
/// mode). <c>traceparent</c>: W3C Trace Context. <c>oml_*</c>: ours.
/// </summary>
internal static class KafkaHeaderNames
{
    public const string CloudEventsPrefix = "ce_";
    public const string SpecVersion = "ce_specversion";
    public const string Id = "ce_id";
    public const string Type = "ce_type";
    public const string Source = "ce_source";
    public const string Time = "ce_time";
    public const string Subject = "ce_subject";
    public const string PartitionKey = "ce_partitionkey";
    public const string CloudEventsTraceParent = "ce_traceparent";
    public const string ContentType = "content-type";
    public const string TraceParent = "traceparent";

    /// <summary>Key of the stream, so that the consumer restores the stream's id.</summary>
    public const string Stream = "oml_stream";

    public const string Reason = "oml_reason";
    public const string Detail = "oml_detail";
    public const string LetterSource = "oml_source";
    public const string LetterId = "oml_letter";
    public const string Dropped = "oml_payload_dropped";

    public static bool IsReserved(string name) =>
        name.StartsWith(CloudEventsPrefix, StringComparison.Ordinal) || name is ContentType or TraceParent or Stream;
}
