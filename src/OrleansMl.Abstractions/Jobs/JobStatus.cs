using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>A job as callers see it.</summary>
[GenerateSerializer, Immutable, Alias("oml.JobStatus")]
public sealed record JobStatus
{
    /// <summary>32 hexadecimal digits, ordered by time.</summary>
    [Id(0)] public required string Id { get; init; }

    [Id(1)] public required JobSpec Spec { get; init; }

    [Id(2)] public JobState State { get; init; }

    /// <summary>What it does now, or did last; null: it has not begun.</summary>
    [Id(3)] public string? Step { get; init; }

    /// <summary>Counts from 1; 0: it has not begun.</summary>
    [Id(4)] public int Attempt { get; init; }

    /// <summary>Share of the work that is done, 0 to 1; null: not known.</summary>
    [Id(5)] public double? Progress { get; init; }

    /// <summary>Seconds until it ends, by the pace so far; null: not known.</summary>
    [Id(6)] public double? EtaSeconds { get; init; }

    /// <summary>Figures of the kind: rows, failed, …</summary>
    [Id(7)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>What came out, a JSON object; null: nothing yet.</summary>
    [Id(8)] public string? Result { get; init; }

    /// <summary>Why it failed; else null.</summary>
    [Id(9)] public OmlError? Error { get; init; }

    [Id(10)] public DateTime Created { get; init; }

    /// <summary>When the first attempt began; null: none has.</summary>
    [Id(11)] public DateTime? Started { get; init; }

    [Id(12)] public DateTime? Ended { get; init; }

    /// <summary>Someone has asked to cancel it, and it has not stopped yet.</summary>
    [Id(13)] public bool IsCancelling { get; init; }

    /// <summary>The silo that runs it; null: none does.</summary>
    [Id(14)] public string? Owner { get; init; }

    /// <summary>Rises with every change, progress included.</summary>
    [Id(15)] public long Revision { get; init; }

    /// <summary>Rises with every change of state or attempt.</summary>
    [Id(16)] public long Transitions { get; init; }

    /// <summary>Sequence of the last line of its log; 0: there is none.</summary>
    [Id(17)] public long LogSequence { get; init; }

    /// <summary>It will change no more.</summary>
    public bool IsFinal => State is JobState.Succeeded or JobState.Failed or JobState.Cancelled;
}
