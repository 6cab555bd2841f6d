using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A search with every trial.</summary>
/// <param name="Trainer">Type of the trainer.</param>
/// <param name="Metric">Name of what was to be best.</param>
/// <param name="IsHigherBetter">Its direction.</param>
/// <param name="Options">As asked.</param>
/// <param name="Trials">By number; those that were begun.</param>
/// <param name="IsOutOfTime">The seconds were up before all was tried.</param>
public sealed record TuningReport(string Trainer, string Metric, bool IsHigherBetter, TuningOptions Options, ImmutableArray<TuningTrial> Trials, bool IsOutOfTime)
{
    /// <summary>The best of those that got furthest; of equal ones the first. Null: all failed.</summary>
    public TuningTrial? Best => Trials
        .Where(trial => trial.State != TrialState.Failed && trial.Score is not null)
        .OrderByDescending(trial => trial.Rungs.Length)
        .ThenBy(trial => IsHigherBetter ? -trial.Score : trial.Score)
        .ThenBy(trial => trial.Number)
        .FirstOrDefault();

    /// <summary>The parameters to train with.</summary>
    /// <exception cref="LearnerException">No trial gave a score; says why the first did not.</exception>
    public ImmutableSortedDictionary<string, object> BestParameters() => Best?.Parameters
        ?? throw new LearnerException(Trials.IsEmpty
            ? $"No trial of {Trainer} was begun within {Options.Seconds} s; give the search more time."
            : $"All {Trials.Length} trials of {Trainer} failed; the first: {Trials[0].Reason}");

    /// <summary>JSON; equal reports give equal text.</summary>
    public string ToJson() => TuningJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="LearnerException">It is no report of version 1.</exception>
    public static TuningReport FromJson(string json) => TuningJson.Read(json);
}
