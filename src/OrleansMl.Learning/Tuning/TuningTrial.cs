using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A set of parameters with all that is known of it.</summary>
/// <param name="Number">From 0, in the order of the draws.</param>
/// <param name="Parameters">Those given and those drawn: double, bool or string.</param>
/// <param name="State">How it stands.</param>
/// <param name="Rungs">Its scores, with ever more of the resource; empty where it failed at once.</param>
/// <param name="Reason">Why it was pruned or failed; else null.</param>
public sealed record TuningTrial(int Number, ImmutableSortedDictionary<string, object> Parameters, TrialState State, ImmutableArray<TrialRung> Rungs, string? Reason = null)
{
    /// <summary>Seconds of the evaluation that failed; 0 where none did.</summary>
    public double FailedSeconds { get; init; }

    /// <summary>With the most of the resource that it got; null: none.</summary>
    public double? Score => Rungs.IsEmpty ? null : Rungs[^1].Score;

    /// <summary>Wall time of all its evaluations.</summary>
    public double Seconds => Rungs.Sum(rung => rung.Seconds) + FailedSeconds;
}
