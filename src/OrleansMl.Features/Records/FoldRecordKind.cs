namespace OrleansMl.Features;

/// <summary>What kind of record an entity's log holds. The numbers are stored: they never change.</summary>
public enum FoldRecordKind : byte
{
    /// <summary>Something that happened to the entity.</summary>
    Event = 1,

    /// <summary>A truth about the entity; the type is the target's name, the field is <c>value</c>.</summary>
    Outcome = 2,

    /// <summary>Attributes were set or removed.</summary>
    Attributes = 3,
}
