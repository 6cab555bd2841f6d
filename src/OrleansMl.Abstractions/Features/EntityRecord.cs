using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>One record for an entity's log, already checked against the declaration.</summary>
/// <param name="Id">Unique per entity and kind within the log; a repeat is a duplicate.</param>
/// <param name="Kind">Event, outcome or attributes.</param>
/// <param name="Type">Event type or target; empty for attributes.</param>
/// <param name="EventTime">When it happened (UTC); null: now, on the application's clock.</param>
/// <param name="Fields">Fields as sent; order does not matter for identity.</param>
[GenerateSerializer, Immutable, Alias("oml.EntityRecord")]
public sealed record EntityRecord(
    [property: Id(0)] string Id,
    [property: Id(1)] EntityRecordKind Kind,
    [property: Id(2)] string Type,
    [property: Id(3)] DateTime? EventTime,
    [property: Id(4)] ImmutableArray<NamedValue> Fields)
{
    /// <summary>For outcomes: a higher revision of the same id replaces the value (a correction); else 0.</summary>
    [Id(5)] public int Revision { get; init; }
}
