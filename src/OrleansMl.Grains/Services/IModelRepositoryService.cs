using System.Collections.Immutable;

namespace OrleansMl.Services;

/// <summary>The model repository in the protocol's terms: what there is, load, unload.</summary>
public interface IModelRepositoryService
{
    /// <summary>Every version of every model, and folders of the models folder that are no model yet.</summary>
    Task<ImmutableArray<RepositoryEntry>> IndexAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Loads a model, or loads it again: registers what the models folder or the request brings, takes the configuration of the
    /// request, else of the folder, and loads the versions that its policy names. Nothing changes where the configuration or
    /// a file is refused. Of an ensemble the configuration is the version: models that it runs are loaded first where they serve
    /// nothing.
    /// </summary>
    Task<OmlResult<ImmutableArray<int>>> LoadAsync(string model, RepositoryLoad load, CancellationToken cancellationToken);

    /// <summary>Takes all versions of a model out of serving; <c>in_use</c> while an alias names one.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="unloadDependents">Of an ensemble the models that it runs too, but for those that another ensemble in serving runs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<OmlResult<ImmutableArray<int>>> UnloadAsync(string model, bool unloadDependents, CancellationToken cancellationToken);

    /// <summary>Loads every model of the models folder; the first error ends it.</summary>
    Task<OmlError?> LoadFolderAsync(CancellationToken cancellationToken);
}

/// <summary>A version in the index.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Null: the model has none.</param>
/// <param name="IsReady">It is served.</param>
/// <param name="Reason">Why it is not; empty when it is.</param>
public sealed record RepositoryEntry(string Model, int? Version, bool IsReady, string Reason);

/// <summary>What comes with a load.</summary>
/// <param name="Config">A model configuration as JSON; null: none.</param>
/// <param name="Files">Path → bytes; <c>VERSION/model.onnx</c> is what can be brought.</param>
public sealed record RepositoryLoad(string? Config, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files)
{
    public static RepositoryLoad Plain { get; } = new(null, ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty);
}
