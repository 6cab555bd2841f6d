using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>
/// What a version is made of. Its digest is SHA-256 over the canonical form of artifacts, signature, pipeline and
/// post-processing; tags and lineage are not part of the identity.
/// </summary>
[GenerateSerializer, Immutable, Alias("oml.VersionManifest")]
public sealed record VersionManifest
{
    [Id(0)] public required string Model { get; init; }

    /// <summary>Counts from 1; 0 in a request to register.</summary>
    [Id(1)] public int Version { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 of the canonical manifest; empty in a request to register.</summary>
    [Id(2)] public string Digest { get; init; } = "";

    /// <summary>SHA-256 of the ONNX file (or the ensemble) that callers of <c>/v2</c> run, and that is handed out.</summary>
    [Id(3)] public required string ArtifactSha256 { get; init; }

    /// <summary>
    /// SHA-256 of the ONNX file that takes the pipeline's output instead of raw columns; null: the artifact itself does
    /// (a registered file), or there is no pipeline.
    /// </summary>
    [Id(4)] public string? CoreSha256 { get; init; }

    /// <summary>Inputs and outputs of the artifact.</summary>
    [Id(5)] public ImmutableArray<TensorInfo> Inputs { get; init; } = [];

    [Id(6)] public ImmutableArray<TensorInfo> Outputs { get; init; } = [];

    /// <summary>The fitted pipeline as canonical JSON; null: none.</summary>
    [Id(7)] public string? Pipeline { get; init; }

    /// <summary>The post-processing steps as canonical JSON; null: none.</summary>
    [Id(8)] public string? Postprocess { get; init; }

    /// <summary>The version it was learned from; null: none.</summary>
    [Id(9)] public int? Parent { get; init; }

    [Id(10)] public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Bytes of the artifact.</summary>
    [Id(11)] public long ArtifactBytes { get; init; }

    /// <summary>
    /// The graph of other models that the version runs: the canonical JSON of its part of a model configuration, which is
    /// then the artifact too. Null: the artifact is an ONNX file.
    /// </summary>
    [Id(12)] public string? Ensemble { get; init; }

    /// <summary>What a retraining made it from; null: it was registered otherwise.</summary>
    [Id(13)] public VersionLineage? Lineage { get; init; }

    /// <summary>
    /// Names of the classes that it was trained for, in the order of its numbers. Not in the digest: the same content for other
    /// classes is a version of its own. Empty: of a value, or not known, as of a file that was registered: then they are those declared.
    /// </summary>
    [Id(14)] public ImmutableArray<string> Classes { get; init; } = [];
}
