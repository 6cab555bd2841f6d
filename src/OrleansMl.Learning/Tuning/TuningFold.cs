using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Rows to fit on and later rows to judge by.</summary>
/// <param name="Train">In the order of time.</param>
/// <param name="Validation">Rows between the two, for early stopping alone; null: there are none.</param>
/// <param name="Test">What the score is of.</param>
public sealed record TuningFold(TrainingRows Train, TrainingRows? Validation, TrainingRows Test)
{
    /// <summary>
    /// Folds in the order of time (<see cref="Splitter.TimeSeries"/>): each is judged on rows that follow those it was fitted on. One fold is a hold-out of the
    /// newest rows.
    /// </summary>
    /// <param name="rows">In the order of time.</param>
    /// <param name="folds">≥ 1.</param>
    /// <param name="testRows">Rows of each test part; null: N/(folds + 1).</param>
    /// <param name="gap">Rows between training and test that are in neither: at least the delay of the outcomes, or labels leak.</param>
    /// <param name="validationShare">In [0, 1): the newest share of each fold's training rows is for early stopping.</param>
    /// <exception cref="LearnerException">The rows are too few.</exception>
    public static ImmutableArray<TuningFold> InTime(TrainingRows rows, int folds, int? testRows = null, int gap = 0, double validationShare = 0)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (!(validationShare is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(validationShare), validationShare, "The share for early stopping must be in [0, 1).");
        var size = testRows ?? (int)(rows.Count / (folds + 1L));
        if (size < 1 || rows.Count - ((long)folds * size) - gap < 2)
            throw new LearnerException($"{rows.Count} rows are too few to tune on {folds} folds with a gap of {gap}; take fewer folds, a smaller gap, or more rows.");
        return
        [
            .. Splitter.TimeSeries(rows.Count, folds, size, gap).Select(split =>
            {
                var validation = Math.Min((int)(split.Train.Length * validationShare), split.Train.Length - 1);
                return new TuningFold(
                    RowSubset.Of(rows, split.Train.AsSpan()[..^validation]),
                    validation == 0 ? null : RowSubset.Of(rows, split.Train.AsSpan()[^validation..]),
                    RowSubset.Of(rows, split.Test.AsSpan()));
            }),
        ];
    }
}
