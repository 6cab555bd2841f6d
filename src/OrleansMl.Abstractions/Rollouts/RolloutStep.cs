namespace OrleansMl;

/// <summary>One stage of a rollout.</summary>
[GenerateSerializer, Immutable, Alias("oml.RolloutStep")]
public sealed record RolloutStep
{
    /// <summary>shadow | canary.</summary>
    [Id(0)] public required string Stage { get; init; }

    /// <summary>Share of the calls; 0 for a shadow.</summary>
    [Id(1)] public required double Weight { get; init; }

    [Id(2)] public required DateTime Entered { get; init; }

    /// <summary>Null: it stands.</summary>
    [Id(3)] public DateTime? Left { get; init; }

    /// <summary>What ended it: step | full | rollback | abort | superseded; empty: it stands.</summary>
    [Id(4)] public string Action { get; init; } = "";

    /// <summary>In words.</summary>
    [Id(5)] public string Reason { get; init; } = "";

    /// <summary>
    /// What it rests on: the paired comparison on the vectors as served since the rollout began, with its slices, and as guardrails
    /// what was measured of the stage's own answers. Null: nothing yet.
    /// </summary>
    [Id(6)] public PromotionEvidence? Evidence { get; init; }
}
