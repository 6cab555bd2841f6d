using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>How a CSV file goes through the loop.</summary>
public sealed record ReplayDefinition
{
    public required string EntityType { get; init; }

    /// <summary>The one entity's id; null with <see cref="EntityColumn"/>.</summary>
    public string? EntityId { get; init; }

    /// <summary>Column that holds the entity's id; null with <see cref="EntityId"/>.</summary>
    public string? EntityColumn { get; init; }

    /// <summary>Event time of row 0 (UTC), with <see cref="Step"/>; null with <see cref="TimeColumn"/>.</summary>
    public DateTime? Start { get; init; }

    public TimeSpan? Step { get; init; }

    public string? TimeColumn { get; init; }

    public required string Event { get; init; }

    /// <summary>Columns that become inputs of the prediction.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    public required string OutcomeTarget { get; init; }

    public required string OutcomeColumn { get; init; }
}
