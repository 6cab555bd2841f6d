using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>When a model is retrained, as callers see it.</summary>
[GenerateSerializer, Immutable, Alias("oml.RetrainingStatus")]
public sealed record RetrainingStatus
{
    [Id(0)] public required string Model { get; init; }

    /// <summary>Who has paused it; null: nobody.</summary>
    [Id(1)] public string? PausedBy { get; init; }

    /// <summary>In the order of the declaration.</summary>
    [Id(2)] public ImmutableArray<RetrainTriggerStatus> Triggers { get; init; } = [];

    /// <summary>Id of the retraining that waits or runs now, whoever asked for it; null: none does.</summary>
    [Id(3)] public string? Current { get; init; }

    public bool IsPaused => PausedBy is not null;
}
