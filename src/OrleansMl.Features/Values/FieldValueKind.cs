namespace OrleansMl.Features;

/// <summary>What a <see cref="FieldValue"/> holds.</summary>
public enum FieldValueKind : byte
{
    /// <summary>No value.</summary>
    Missing = 0,

    /// <summary>A double.</summary>
    Number = 1,

    /// <summary>Text; also the id of another entity.</summary>
    Text = 2,

    /// <summary>A truth value.</summary>
    Bool = 3,
}
