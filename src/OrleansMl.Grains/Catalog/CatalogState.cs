namespace OrleansMl.Catalog;

/// <summary>What the catalog stores.</summary>
[GenerateSerializer, Alias("oml.CatalogState")]
public sealed class CatalogState
{
    [Id(0)] public long Revision { get; set; }

    [Id(1)] public List<AppliedApplication> Applications { get; set; } = [];

    [Id(2)] public List<string> RegisteredModels { get; set; } = [];

    /// <summary>
    /// For each model of an application that was deleted, the last lineage of its learner: a model of that name that is
    /// declared again begins a new one, whatever its columns are then.
    /// </summary>
    [Id(3)] public Dictionary<string, int> EndedLineages { get; set; } = [];
}
