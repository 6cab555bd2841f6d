using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Stages in order, before fitting.</summary>
public sealed record PipelineSpec(ImmutableArray<StageSpec> Stages)
{
    public PipelineSpec(params IEnumerable<StageSpec> stages)
        : this([.. stages])
    {
    }
}
