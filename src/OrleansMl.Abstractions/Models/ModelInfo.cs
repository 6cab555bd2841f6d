using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>A model as callers see it.</summary>
[GenerateSerializer, Immutable, Alias("oml.ModelInfo")]
public sealed record ModelInfo(
    [property: Id(0)] string Name,
    [property: Id(1)] ImmutableSortedDictionary<string, int> Aliases,
    [property: Id(2)] long PlanRevision,
    [property: Id(3)] ImmutableArray<ModelVersionInfo> Versions)
{
    /// <summary>Null: all calls that name no version go to the champion.</summary>
    [Id(4)] public Traffic? Traffic { get; init; }

    /// <summary>The rollout that has set the traffic; null: none is under way.</summary>
    [Id(20)] public RolloutMark? Rollout { get; init; }
}
