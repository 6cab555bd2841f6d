using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>Runs a model.</summary>
public sealed record ModelStep(ModelCall Call) : EnsembleStep
{
    public override ImmutableArray<string> Reads => [.. Call.Inputs.Values.Distinct(StringComparer.Ordinal)];

    public override ImmutableArray<string> Writes => [.. Call.Outputs.Values];

    public override ImmutableArray<ModelCall> Calls => [Call];

    public override string What => $"model '{Call.Model}'";

    internal override string? Fault() => Call.Fault();
}
