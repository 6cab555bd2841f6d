using System.Collections.Immutable;

namespace OrleansMl.Evaluations;

/// <summary>What an evaluation found.</summary>
internal sealed record EvaluationReport
{
    /// <summary>Rows with a truth and a score.</summary>
    public required long Seen { get; init; }

    /// <summary>Of these, those that the figures are of.</summary>
    public required int Used { get; init; }

    /// <summary>Answers of the prior, which no figure counts.</summary>
    public long ByPrior { get; init; }

    /// <summary>Rows that were passed over, by why.</summary>
    public required ImmutableSortedDictionary<string, long> Skipped { get; init; }

    public required ImmutableArray<EvaluationFigure> Figures { get; init; }

    /// <summary>Of more than two classes; else empty.</summary>
    public ImmutableArray<EvaluationConfusion> Confusions { get; init; } = [];

    /// <summary>Null: none was judged.</summary>
    public OffPolicyRun? Policy { get; init; }

    public ImmutableArray<string> Warnings { get; init; } = [];
}
