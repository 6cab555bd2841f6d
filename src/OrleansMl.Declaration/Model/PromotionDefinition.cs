using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>When a candidate becomes champion.</summary>
public sealed record PromotionDefinition
{
    /// <summary>log_loss | squared_error | absolute_error | accuracy.</summary>
    public required string Metric { get; init; }

    /// <summary>confidence_sequence | empirical_bernstein | none.</summary>
    public string Test { get; init; } = "confidence_sequence";

    public double Alpha { get; init; } = 0.05;

    public int MinOutcomes { get; init; } = 300;

    /// <summary>Outcomes after a promotion before the next may come.</summary>
    public int CooldownOutcomes { get; init; }

    /// <summary>By whose values no slice may get worse.</summary>
    public ImmutableArray<SliceDefinition> Slices { get; init; } = [];

    /// <summary>What a candidate must keep to while it is rolled out; null: nothing is stated.</summary>
    public GuardrailsDefinition? Guardrails { get; init; }

    /// <summary>Null: what the test has shown to be better becomes champion at once.</summary>
    public RolloutDefinition? Rollout { get; init; }
}
