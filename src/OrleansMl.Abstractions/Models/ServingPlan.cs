using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>
/// What serves a model, as one immutable value: caches follow it by revision, requests read it and nothing else.
/// </summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Revision">Rises with every change.</param>
/// <param name="Default">The version that a call without one gets: <c>champion</c> if set, else the highest wanted; null: none.</param>
/// <param name="Aliases">Alias → version.</param>
/// <param name="Versions">The wanted versions, ascending: what every serving silo loads.</param>
[GenerateSerializer, Immutable, Alias("oml.ServingPlan")]
public sealed record ServingPlan(
    [property: Id(0)] string Model,
    [property: Id(1)] long Revision,
    [property: Id(2)] int? Default,
    [property: Id(3)] ImmutableSortedDictionary<string, int> Aliases,
    [property: Id(4)] ImmutableArray<VersionManifest> Versions)
{
    /// <summary>Which versions share the calls that name none, and which shadow them; null: all go to <see cref="Default"/>.</summary>
    [Id(5)] public Traffic? Traffic { get; init; }

    /// <summary>The model's configuration in the terms of the Open Inference Protocol, as JSON; null: none is stated.</summary>
    [Id(6)] public string? Configuration { get; init; }

    /// <summary>The rollout that has set the traffic; null: none is under way.</summary>
    [Id(20)] public RolloutMark? Rollout { get; init; }

    /// <summary>The alias that a call without a version means.</summary>
    public const string Champion = "champion";

    public static ServingPlan Empty(string model) => new(model, 0, null, ImmutableSortedDictionary<string, int>.Empty, []);
}
