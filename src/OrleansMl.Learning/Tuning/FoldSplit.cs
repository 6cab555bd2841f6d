using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Which rows a fold is fitted on and judged by, by place.</summary>
/// <param name="Train">In the order of time.</param>
/// <param name="Validation">Rows between the two, for early stopping alone; may be empty.</param>
/// <param name="Test">What the score is of.</param>
public sealed record FoldSplit(ImmutableArray<int> Train, ImmutableArray<int> Validation, ImmutableArray<int> Test)
{
    /// <summary>
    /// Folds in the order of time (<see cref="Splitter.TimeSeries"/>): each is judged on rows that follow those it was fitted on. One fold is a hold-out of the
    /// newest rows.
    /// </summary>
    /// <param name="rows">N, in the order of time.</param>
    /// <param name="folds">≥ 1.</param>
    /// <param name="testRows">Rows of each test part; null: N/(folds + 1).</param>
    /// <param name="gap">Rows between training and test that are in neither: at least the delay of the outcomes, or labels leak.</param>
    /// <param name="validationShare">In [0, 1): the newest share of each fold's training rows is for early stopping.</param>
    /// <exception cref="LearnerException">The rows are too few.</exception>
    public static ImmutableArray<FoldSplit> InTime(int rows, int folds, int? testRows = null, int gap = 0, double validationShare = 0)
    {
        if (!(validationShare is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(validationShare), validationShare, "The share for early stopping must be in [0, 1).");
        var size = testRows ?? (int)(rows / (folds + 1L));
        if (size < 1 || rows - ((long)folds * size) - gap < 2)
            throw new LearnerException($"{rows} rows are too few to tune on {folds} folds with a gap of {gap}; take fewer folds, a smaller gap, or more rows.");
        return
        [
            .. Splitter.TimeSeries(rows, folds, size, gap).Select(split =>
            {
                var validation = Math.Min((int)(split.Train.Length * validationShare), split.Train.Length - 1);
                return new FoldSplit(split.Train[..^validation], split.Train[^validation..], split.Test);
            }),
        ];
    }
}
