namespace OrleansMl.Storage;

/// <summary>An alarm as the store keeps it: its members that lists go by, and the writer's document.</summary>
public sealed record AlarmRow
{
    /// <summary>Its writer makes the same id of the same alarm again: a repeat after a crash changes nothing.</summary>
    public required string Id { get; init; }

    public required string Model { get; init; }

    public required string Monitor { get; init; }

    /// <summary>When it was raised, UTC.</summary>
    public required DateTime Raised { get; init; }

    /// <summary>When it ended, UTC; null: it stands.</summary>
    public DateTime? Ended { get; init; }

    /// <summary>The alarm, the writer's bytes; never changed.</summary>
    public required ReadOnlyMemory<byte> Document { get; init; }

    /// <summary>When someone has seen it, UTC; null: nobody has.</summary>
    public DateTime? Acknowledged { get; init; }

    public string? AcknowledgedBy { get; init; }

    public string? Note { get; init; }

    /// <summary>Place in the order of raising; the page token of lists.</summary>
    public long Sequence { get; init; }
}
