using System.Collections.Immutable;

namespace OrleansMl.Rollouts;

/// <summary>All that a rollout is decided on, at one moment.</summary>
internal sealed record RolloutSnapshot
{
    /// <summary>Share of the calls that the candidate answers; 0: it shadows; null: it has not begun.</summary>
    public double? Weight { get; init; }

    /// <summary>Since the stage began.</summary>
    public TimeSpan InStage { get; init; }

    /// <summary>Since the rollout began.</summary>
    public TimeSpan Total { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>Outcomes that the stage is judged on: pairs for a shadow, truths about the candidate's own answers for a share.</summary>
    public long Outcomes { get; init; }

    /// <summary>The paired comparison, since the rollout began.</summary>
    public Verdict Paired { get; init; } = Verdict.Open;

    /// <summary>The comparison of the answers as served, in this stage.</summary>
    public Verdict Served { get; init; } = Verdict.Open;

    /// <summary>A slice in which the candidate is worse; null: there is none.</summary>
    public string? WorseSlice { get; init; }

    /// <summary>It came with a comparison that has shown it to be better.</summary>
    public bool IsProven { get; init; }

    public ImmutableArray<GuardrailEvidence> Guardrails { get; init; } = [];
}

/// <summary>What an always-valid test says of the candidate.</summary>
internal enum Verdict
{
    Open,
    Better,
    Worse,
}
