namespace OrleansMl.Storage;

/// <summary>A record that could not be used, kept with the reason so that it can be looked at and sent again.</summary>
public sealed record DeadLetter
{
    /// <summary>Version 7 UUID, 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Where it lay: <c>kafka:oml.events/3@1042</c>. The same source is one dead letter, however often it fails.</summary>
    public required string Source { get; init; }

    /// <summary>Namespace of the stream: events, predictions, outcomes, examples, or a foreign one.</summary>
    public required string Namespace { get; init; }

    /// <summary>What order is kept for; empty: not known.</summary>
    public string Key { get; init; } = "";

    /// <summary>Type and id of the record as far as they could be read; empty: not known.</summary>
    public string Type { get; init; } = "";

    public string RecordId { get; init; } = "";

    /// <summary>A code: unparsable, unknown_event_type, no_key, too_large, delivery_failed, …</summary>
    public required string Reason { get; init; }

    /// <summary>A sentence for the operator.</summary>
    public required string Detail { get; init; }

    /// <summary>When it was put here, UTC.</summary>
    public required DateTime Created { get; init; }

    /// <summary>When it was last sent again, UTC; null: never.</summary>
    public DateTime? Replayed { get; init; }

    /// <summary>Key of the stream within the namespace; empty: not known.</summary>
    public string Stream { get; init; } = "";

    /// <summary>The record without its data, in the writer's own encoding, so that it can be sent again; empty: not known.</summary>
    public ReadOnlyMemory<byte> Attributes { get; init; }

    /// <summary>The record's data as it lay there.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
}
