namespace OrleansMl.Declaration;

/// <summary>Type of a field, attribute or input.</summary>
public enum FieldType
{
    Float,
    Int,
    String,
    Bool,

    /// <summary>The id of an entity of type <see cref="FieldDefinition.Entity"/>.</summary>
    Ref,
}
