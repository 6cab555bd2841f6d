using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;

namespace OrleansMl.Rollouts;

/// <summary>How a model's candidates are rolled out: as declared, else by default.</summary>
internal sealed record RolloutRules
{
    /// <summary>For a version that somebody rolls out of a model that declares nothing.</summary>
    private static readonly RolloutDefinition _undeclared = new() { ShadowOutcomes = 100, Canary = [0.05, 0.25] };

    /// <summary>Shares of the calls, rising; 0 is the shadow.</summary>
    public required ImmutableArray<double> Weights { get; init; }

    public required int ShadowOutcomes { get; init; }

    public required int StepOutcomes { get; init; }

    public TimeSpan StepMinTime { get; init; }

    public TimeSpan MaxTime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Null: only the loss is looked at.</summary>
    public GuardrailsDefinition? Guardrails { get; init; }

    /// <summary>Level of each test.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>Not to be worse is not enough: the candidate must have been shown to be better.</summary>
    public bool NeedsProof { get; init; } = true;

    public static RolloutRules Of(CompiledModel model)
    {
        var promotion = model.Definition.Promotion;
        var rollout = promotion?.Rollout ?? _undeclared;
        return new RolloutRules
        {
            Weights = rollout.ShadowOutcomes > 0 ? [0, .. rollout.Canary] : rollout.Canary,
            ShadowOutcomes = rollout.ShadowOutcomes,
            StepOutcomes = rollout.StepOutcomes,
            StepMinTime = rollout.StepMinTime,
            MaxTime = rollout.MaxTime,
            Guardrails = promotion?.Guardrails,
            Alpha = promotion?.Alpha ?? 0.05,
            NeedsProof = promotion?.Test != "none",
        };
    }

    /// <summary>Level of the comparison of served answers in one stage: the stages with such answers share the level.</summary>
    public double StageAlpha => Alpha / Math.Max(1, Weights.Count(w => w > 0));

    /// <summary>The first share above one; null: all calls.</summary>
    public double? After(double weight)
    {
        foreach (var next in Weights)
        {
            if (next > weight)
                return next;
        }

        return null;
    }
}
