namespace OrleansMl.Streams.Kafka;

/// <summary>
/// Where the attributes of a foreign producer's JSON record are found. A place is <c>user.id</c> (members of the JSON value,
/// from outside to inside), <c>$key</c> (the record's key), <c>$header:name</c>, <c>$timestamp</c> (the record's timestamp)
/// or <c>$const:text</c>. Records that are CloudEvents need no mapping.
/// </summary>
public sealed class KafkaRecordMapping
{
    /// <summary>What order is kept for and what the record is about. A string, or a number as it is written.</summary>
    public string Key { get; set; } = "$key";

    /// <summary>What it is: an event's type, a target. Often a <c>$const:</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>Unique within the key; null: topic, partition and offset.</summary>
    public string? Id { get; set; }

    /// <summary>When it happened: RFC 3339, or a number of milliseconds since 1970 (UTC). Null: not said.</summary>
    public string? Time { get; set; }

    /// <summary>
    /// Type of the entity that <see cref="Key"/> is the id of. The record then has <c>type/id</c> as its subject and the
    /// entity's grain key as its key. Null: the key stays as it is, and there is no subject.
    /// </summary>
    public string? EntityType { get; set; }
}
