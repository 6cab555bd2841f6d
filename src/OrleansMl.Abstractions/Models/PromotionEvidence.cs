using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>What a promotion rests on: a paired comparison of losses on the same rows.</summary>
/// <param name="Test">Name of the test.</param>
/// <param name="Metric">Whose difference is estimated: champion's loss minus candidate's.</param>
/// <param name="N">Rows compared.</param>
/// <param name="Estimate">Mean difference; above 0 the candidate is better.</param>
/// <param name="Lower">Lower bound at the stated level, valid at every look.</param>
/// <param name="Upper">Upper bound.</param>
/// <param name="Alpha">The level.</param>
[GenerateSerializer, Immutable, Alias("oml.PromotionEvidence")]
public sealed record PromotionEvidence(
    [property: Id(0)] string Test,
    [property: Id(1)] string Metric,
    [property: Id(2)] long N,
    [property: Id(3)] double Estimate,
    [property: Id(4)] double Lower,
    [property: Id(5)] double Upper,
    [property: Id(6)] double Alpha)
{
    /// <summary>The same within each slice that is followed.</summary>
    [Id(7)] public ImmutableArray<SliceEvidence> Slices { get; init; } = [];

    /// <summary>What was measured beside the loss.</summary>
    [Id(8)] public ImmutableArray<GuardrailEvidence> Guardrails { get; init; } = [];

    /// <summary>Slices that were not followed, as there were too many.</summary>
    [Id(9)] public ImmutableArray<string> DroppedSlices { get; init; } = [];
}
