using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>Features of one entity type, folded from one source.</summary>
public sealed record ViewDefinition
{
    public required string Name { get; init; }

    public required string Entity { get; init; }

    public required ViewSourceKind SourceKind { get; init; }

    /// <summary>Event type or target name.</summary>
    public required string Source { get; init; }

    /// <summary>Values whose newest record is older read as expired; null: never.</summary>
    public TimeSpan? Ttl { get; init; }

    public ImmutableArray<FeatureDefinition> Features { get; init; } = [];
}
