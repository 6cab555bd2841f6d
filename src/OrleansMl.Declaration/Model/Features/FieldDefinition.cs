namespace OrleansMl.Declaration;

/// <summary>A field of an event, an attribute of an entity or an input of a request.</summary>
public sealed record FieldDefinition
{
    public required string Name { get; init; }

    public required FieldType Type { get; init; }

    /// <summary>For <see cref="FieldType.Ref"/>: the entity type; else null.</summary>
    public string? Entity { get; init; }

    /// <summary>Least admissible number; null: none.</summary>
    public double? Min { get; init; }

    /// <summary>Greatest admissible number; null: none.</summary>
    public double? Max { get; init; }

    /// <summary>An item without it is refused.</summary>
    public bool Required { get; init; }
}
