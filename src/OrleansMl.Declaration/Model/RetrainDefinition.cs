using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>When a model is retrained, on what, and what becomes of the result.</summary>
public sealed record RetrainDefinition
{
    /// <summary>Predictions with outcomes of this long before the retraining; null: all there are.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>With fewer rows a retraining fails.</summary>
    public int MinRows { get; init; } = 500;

    /// <summary>Rows are dealt to the parts by chance; else the newest are judged on.</summary>
    public bool RandomSplit { get; init; }

    /// <summary>Share of the rows that early stopping and the search of parameters are judged on, in [0, 0.9].</summary>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>Share of the rows that the result is judged on, in [0.01, 0.9].</summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>Rows between the parts of a split by time that are in none.</summary>
    public int SplitGap { get; init; }

    /// <summary>Limits of the validation of data; null: it is off.</summary>
    public ValidateDefinition? Validate { get; init; } = new();

    /// <summary>What is better than the champion takes its place, by the model's rollout where it has one; else it is only registered.</summary>
    public bool Promotes { get; init; } = true;

    /// <summary>What begins a retraining; empty: only who asks for it.</summary>
    public ImmutableArray<RetrainTriggerDefinition> On { get; init; } = [];
}
