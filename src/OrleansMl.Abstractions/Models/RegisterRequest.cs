namespace OrleansMl;

/// <summary>A version to register; its artifacts lie in the artifact store already.</summary>
[GenerateSerializer, Immutable, Alias("oml.RegisterRequest")]
public sealed record RegisterRequest([property: Id(0)] VersionManifest Manifest)
{
    /// <summary>Of the trainer that registers it: one below the highest that the model has seen is refused. 0: no trainer does.</summary>
    [Id(1)] public long Epoch { get; init; }
}
