using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>The way of one candidate to all calls, or back.</summary>
[GenerateSerializer, Immutable, Alias("oml.Rollout")]
public sealed record Rollout
{
    /// <summary>Counts from 1 within the model.</summary>
    [Id(0)] public required int Id { get; init; }

    [Id(1)] public required string Model { get; init; }

    [Id(2)] public required int Candidate { get; init; }

    /// <summary>The version that it is compared with.</summary>
    [Id(3)] public required int Champion { get; init; }

    [Id(4)] public RolloutState State { get; init; }

    /// <summary>Who began it: a name, or <c>trainer</c>.</summary>
    [Id(5)] public required string By { get; init; }

    /// <summary>Why it was begun.</summary>
    [Id(6)] public required string Reason { get; init; }

    [Id(7)] public required DateTime Started { get; init; }

    /// <summary>Null: it is under way.</summary>
    [Id(8)] public DateTime? Ended { get; init; }

    /// <summary>What it waits for, or why it ended.</summary>
    [Id(9)] public string Why { get; init; } = "";

    /// <summary>What was decided at each stage, oldest first; the last one is that of now.</summary>
    [Id(10)] public ImmutableArray<RolloutStep> Steps { get; init; } = [];

    /// <summary>The trainer's paired comparison that it was begun on; null: somebody began it.</summary>
    [Id(11)] public PromotionEvidence? Proof { get; init; }

    /// <summary>It has not ended.</summary>
    public bool IsUnderWay => Ended is null;
}
