using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>What applying did, or would do.</summary>
[GenerateSerializer, Immutable, Alias("oml.ApplyResult")]
public sealed record ApplyResult(
    [property: Id(0)] string Application,
    [property: Id(1)] long Revision,
    [property: Id(2)] bool Created,
    [property: Id(3)] ImmutableArray<CatalogChange> Changes)
{
    /// <summary>The catalog's revision after it: a silo whose copy has this revision serves the change.</summary>
    [Id(4)] public long CatalogRevision { get; init; }
}
