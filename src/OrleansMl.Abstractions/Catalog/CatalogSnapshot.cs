using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>All applications as one immutable value.</summary>
[GenerateSerializer, Immutable, Alias("oml.CatalogSnapshot")]
public sealed record CatalogSnapshot([property: Id(0)] long Revision, [property: Id(1)] ImmutableArray<AppliedApplication> Applications)
{
    /// <summary>Models that have versions, declared or not.</summary>
    [Id(2)] public ImmutableArray<string> RegisteredModels { get; init; } = [];

    public static CatalogSnapshot Empty { get; } = new(0, []);
}
