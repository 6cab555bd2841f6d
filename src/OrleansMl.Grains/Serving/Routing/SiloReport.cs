using System.Collections.Immutable;

namespace OrleansMl.Serving;

/// <summary>What a silo says of itself to the others.</summary>
/// <param name="Silo">Its address with its generation: a silo that starts anew has another one.</param>
/// <param name="Number">Rises with each report.</param>
/// <param name="Serves">It loads versions.</param>
/// <param name="Replicas">The versions that are available on it.</param>
[GenerateSerializer, Immutable, Alias("oml.SiloReport")]
internal sealed record SiloReport(
    [property: Id(0)] string Silo,
    [property: Id(1)] long Number,
    [property: Id(2)] bool Serves,
    [property: Id(3)] ImmutableArray<ReplicaReport> Replicas);

/// <summary>A version that is available on a silo.</summary>
/// <param name="Id">The version.</param>
/// <param name="Load">Requests that wait for it or run on it.</param>
[GenerateSerializer, Immutable, Alias("oml.ReplicaReport")]
internal readonly record struct ReplicaReport([property: Id(0)] ModelVersionId Id, [property: Id(1)] int Load);
