using System.Collections.Immutable;

namespace OrleansMl.Retraining;

/// <summary>What versions come from, and what came of them: of versions, and of data sets. One for each silo; the gateway calls it directly.</summary>
public interface ILineageService
{
    /// <summary>unknown_model or unknown_version where there is none.</summary>
    Task<OmlResult<VersionOrigin>> GetAsync(string model, int version, CancellationToken cancellationToken);

    /// <summary>Versions that were learned from a data set, or from another of the same content; unknown_dataset where there is none.</summary>
    Task<OmlResult<ImmutableArray<VersionOrigin>>> ListOfDatasetAsync(string dataset, CancellationToken cancellationToken);
}

/// <summary>A version between what it comes from and what came of it.</summary>
/// <param name="Version">With its lineage and its parent.</param>
/// <param name="Children">Versions of the same model whose parent it is, ascending.</param>
public sealed record VersionOrigin(ModelVersionInfo Version, ImmutableArray<int> Children)
{
    /// <summary>The data set that its lineage names was deleted since; null: its lineage names none.</summary>
    public bool? IsDatasetGone { get; init; }
}
