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
