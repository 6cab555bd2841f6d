using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>An application: one YAML file, read, checked and with its defaults filled in.</summary>
public sealed record ApplicationDefinition
{
    public required string Name { get; init; }

    /// <summary>What decides that windows, times to live and attribution end.</summary>
    public Clock Clock { get; init; } = Clock.Wall;

    /// <summary>Events further ahead of the clock are refused.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromMinutes(5);

    public ImmutableArray<EntityDefinition> Entities { get; init; } = [];

    public ImmutableArray<EventDefinition> Events { get; init; } = [];

    public ImmutableArray<ViewDefinition> Views { get; init; } = [];

    public ImmutableArray<ModelDefinition> Models { get; init; } = [];

    /// <summary>How <c>replay</c> drives a file through this application; null: not declared.</summary>
    public ReplayDefinition? Replay { get; init; }
}
