namespace OrleansMl;

/// <summary>An application to apply.</summary>
/// <param name="Source">YAML (or JSON, which is YAML) text.</param>
[GenerateSerializer, Immutable, Alias("oml.ApplyRequest")]
public sealed record ApplyRequest([property: Id(0)] string Source)
{
    /// <summary>Say what would change, and change nothing.</summary>
    [Id(1)] public bool DryRun { get; init; }

    /// <summary>Allow a change that ends the lineage of a learner, or of labels where there is none: the old versions stay, a new one starts.</summary>
    [Id(2)] public bool AllowReset { get; init; }
}
