namespace OrleansMl.Catalog;

/// <summary>What the catalog stores.</summary>
[GenerateSerializer, Alias("oml.CatalogState")]
public sealed class CatalogState
{
    [Id(0)] public long Revision { get; set; }

    [Id(1)] public List<AppliedApplication> Applications { get; set; } = [];

    [Id(2)] public List<string> RegisteredModels { get; set; } = [];
}
