using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>What kind of record an entity's log holds.</summary>
public enum EntityRecordKind : byte
{
    /// <summary>Something that happened to the entity.</summary>
    Event = 1,

    /// <summary>A truth about the entity that came late; <see cref="EntityRecord.Type"/> is the target's name, the field is <c>value</c>.</summary>
    Outcome = 2,

    /// <summary>Attributes of the entity were set; a missing value removes one.</summary>
    Attributes = 3,
}

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

/// <summary>What became of one record.</summary>
public enum AppendStatus : byte
{
    Accepted = 1,
    Duplicate = 2,
    Rejected = 3,
}

/// <summary>The fate of one record of a batch, at the same index.</summary>
/// <param name="Status">Accepted, duplicate or rejected.</param>
/// <param name="Sequence">Position in the entity's log, from 1; 0 when rejected.</param>
/// <param name="Fault">Why it was rejected; else null.</param>
[GenerateSerializer, Immutable, Alias("oml.AppendOutcome")]
public readonly record struct AppendOutcome(
    [property: Id(0)] AppendStatus Status,
    [property: Id(1)] long Sequence,
    [property: Id(2)] OmlFault? Fault);

/// <summary>Answer to an append.</summary>
/// <param name="Items">One for each record, in order.</param>
/// <param name="LastSequence">The log's last sequence after it.</param>
[GenerateSerializer, Immutable, Alias("oml.AppendResult")]
public sealed record AppendResult([property: Id(0)] ImmutableArray<AppendOutcome> Items, [property: Id(1)] long LastSequence);
