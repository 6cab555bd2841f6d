using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>
/// What a stream carries: the context attributes of a CloudEvents 1.0 event and its data as bytes. On Kafka the attributes
/// are headers (<c>ce_id</c>, <c>ce_type</c>, …: the CloudEvents Kafka protocol binding, binary content mode) and the data is
/// the record's value.
/// </summary>
[GenerateSerializer, Immutable, Alias("oml.StreamRecord")]
public sealed record StreamRecord
{
    /// <summary>Unique within the key: what removes duplicates at the consumer.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>What it is: an event's type, a target, … ; never empty.</summary>
    [Id(1)] public required string Type { get; init; }

    /// <summary>What order is kept for: an entity's or a model's key. Null: the key of the stream.</summary>
    [Id(2)] public string? Key { get; init; }

    /// <summary>When it happened, UTC; null: not said.</summary>
    [Id(3)] public DateTime? Time { get; init; }

    /// <summary>The thing it is about within the source, as people write it (<c>client/42</c>); null: not said.</summary>
    [Id(4)] public string? Subject { get; init; }

    /// <summary>W3C trace context of the producer; null: none.</summary>
    [Id(5)] public string? TraceParent { get; init; }

    /// <summary>Media type of <see cref="Data"/>.</summary>
    [Id(6)] public string ContentType { get; init; } = "application/json";

    /// <summary>The data, in <see cref="ContentType"/>.</summary>
    [Id(7)] public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Further headers by name, lower case; names that start with <c>ce_</c> are taken by the attributes above.</summary>
    [Id(8)] public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];
}
