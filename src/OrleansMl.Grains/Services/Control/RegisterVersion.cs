using System.Collections.Immutable;

namespace OrleansMl.Services;

/// <summary>A file to register as a version.</summary>
/// <param name="Model">Name of the model; made if it is new.</param>
/// <param name="Artifact">ONNX bytes.</param>
public sealed record RegisterVersion(string Model, ReadOnlyMemory<byte> Artifact)
{
    /// <summary>Pipeline of the manifest as JSON; null: none.</summary>
    public string? Pipeline { get; init; }

    /// <summary>Post-processing of the manifest as JSON; null: none.</summary>
    public string? Postprocess { get; init; }

    /// <summary>Signature of the manifest, to be compared with the file's: names; empty: not given.</summary>
    public ImmutableArray<TensorInfo> Inputs { get; init; } = [];

    public ImmutableArray<TensorInfo> Outputs { get; init; } = [];

    public int? Parent { get; init; }

    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Give it this version number (a models folder does); null: the next.</summary>
    public int? Version { get; init; }

    /// <summary>
    /// The model's configuration as JSON where this is its first version, which serves at once: so that it is never loaded by another.
    /// Null: none; of a model that serves already it says nothing.
    /// </summary>
    public string? Configuration { get; init; }

    /// <summary>Where a job has learned it: from what, and how; else null.</summary>
    public VersionLineage? Lineage { get; init; }

    /// <summary>It serves at once where no other version does; false: whoever registers it decides that.</summary>
    public bool MayServe { get; init; } = true;
}
