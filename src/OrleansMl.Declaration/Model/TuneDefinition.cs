using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>A search of a trainer's parameters.</summary>
public sealed record TuneDefinition
{
    /// <summary>random | halving.</summary>
    public string Method { get; init; } = "random";

    /// <summary>Sets of parameters that are tried at most.</summary>
    public int Trials { get; init; } = 20;

    /// <summary>After so many no trial is begun; null: no limit.</summary>
    public int? Seconds { get; init; }

    /// <summary>What is to be best: log_loss, accuracy, roc_auc, pr_auc or brier of classes; rmse, mae or r2 of a value.</summary>
    public required string Metric { get; init; }

    /// <summary>Parts in time order that each set is judged on.</summary>
    public int Folds { get; init; } = 3;

    /// <summary>Where each parameter is searched for; at least one.</summary>
    public ImmutableSortedDictionary<string, TuneRangeDefinition> Space { get; init; } = ImmutableSortedDictionary<string, TuneRangeDefinition>.Empty;
}
