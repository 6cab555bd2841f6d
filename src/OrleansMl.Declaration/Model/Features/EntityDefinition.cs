using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>A type of entity with its attributes.</summary>
public sealed record EntityDefinition
{
    public required string Name { get; init; }

    public ImmutableArray<FieldDefinition> Attributes { get; init; } = [];
}
