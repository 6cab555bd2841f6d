using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Stages in order, before fitting.</summary>
public sealed record PipelineSpec(ImmutableArray<StageSpec> Stages)
{
    public PipelineSpec(params IEnumerable<StageSpec> stages)
        : this([.. stages])
    {
    }

    /// <summary>Numbers still missing at the end stay NaN, for trainers that take them; else they become 0.</summary>
    public bool KeepsMissing { get; init; }
}
