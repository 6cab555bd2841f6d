using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>A type of event that happens to entities of one type.</summary>
public sealed record EventDefinition
{
    public required string Name { get; init; }

    public required string Entity { get; init; }

    public ImmutableArray<FieldDefinition> Fields { get; init; } = [];

    /// <summary>Events further behind the clock are refused; null: none.</summary>
    public TimeSpan? MaxAge { get; init; }
}
