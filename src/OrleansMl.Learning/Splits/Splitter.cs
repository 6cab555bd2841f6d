using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Hold-out, k-fold and time-series splits of n rows. Rows of a stream depend on their neighbours: shuffled splits flatter a
/// model there, <see cref="TimeSeries"/> does not.
/// </summary>
public static class Splitter
{
    /// <summary>The last share of the rows is held out, in order; with a seed a random share.</summary>
    /// <param name="share">In (0, 1); both parts keep at least one row.</param>
    public static DataSplit HoldOut(int rows, double share, long? seed = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 2);
        if (!(share is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share held out must be in (0, 1).");
        var test = Math.Clamp((int)Math.Round(rows * share), 1, rows - 1);
        var order = Order(rows, seed);
        return new DataSplit([.. order[..^test].Order()], [.. order[^test..].Order()]);
    }

    /// <summary>k parts that differ by at most one row, each held out once; in order, or shuffled by a seed.</summary>
    /// <param name="folds">k in [2, rows].</param>
    public static ImmutableArray<DataSplit> KFold(int rows, int folds, long? seed = null)
    {
        Require(rows, folds);
        var order = Order(rows, seed);
        return Folds([.. Enumerable.Range(0, rows).Select(place => (order[place], (int)((long)place * folds / rows)))], folds);
    }

    /// <summary>k-fold with each class spread evenly: its counts differ by at most one between parts.</summary>
    /// <param name="labels">Class of each row.</param>
    public static ImmutableArray<DataSplit> StratifiedKFold(ReadOnlySpan<int> labels, int folds, long? seed = null)
    {
        Require(labels.Length, folds);
        var truth = labels.ToArray();

        // Dealing classes one after the other, like cards, also keeps the parts' sizes within one row.
        var dealt = Order(truth.Length, seed).OrderBy(row => truth[row]).Select((row, place) => (row, place % folds));
        return Folds([.. dealt], folds);
    }

    /// <summary>
    /// Folds in time order: each test part follows its training rows, and the next fold trains on more (or on the newest
    /// <paramref name="maxTrain"/>).
    /// </summary>
    /// <param name="folds">≥ 1.</param>
    /// <param name="testRows">Rows of each test part; null: rows/(folds + 1).</param>
    /// <param name="gap">Rows between training and test that are in neither, ≥ 0: at least the delay of the outcomes, or labels leak.</param>
    /// <param name="maxTrain">Training rows at most; null: all before.</param>
    public static ImmutableArray<DataSplit> TimeSeries(int rows, int folds, int? testRows = null, int gap = 0, int? maxTrain = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(gap);
        var size = testRows ?? (int)(rows / (folds + 1L));
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(testRows));
        if (maxTrain is { } least)
            ArgumentOutOfRangeException.ThrowIfLessThan(least, 1, nameof(maxTrain));
        var first = rows - ((long)folds * size) - gap;
        if (first < 1)
            throw new ArgumentException($"{rows} rows are too few for {folds} test parts of {size} after a gap of {gap}; at least {rows - first + 1} are needed.", nameof(rows));
        return
        [
            .. Enumerable.Range(0, folds).Select(fold =>
            {
                var start = rows - ((folds - fold) * size);
                var train = Math.Min(start - gap, maxTrain ?? int.MaxValue);
                return new DataSplit([.. Enumerable.Range(start - gap - train, train)], [.. Enumerable.Range(start, size)]);
            }),
        ];
    }

    private static int[] Order(int rows, long? seed)
    {
        var order = Enumerable.Range(0, rows).ToArray();
        if (seed is { } given)
        {
            var random = SplitMix64.For((ulong)given, (ulong)rows);
            random.Shuffle(order);
        }

        return order;
    }

    private static ImmutableArray<DataSplit> Folds((int Row, int Fold)[] rows, int folds)
        => [.. Enumerable.Range(0, folds).Select(fold => new DataSplit([.. rows.Where(row => row.Fold != fold).Select(row => row.Row).Order()], [.. rows.Where(row => row.Fold == fold).Select(row => row.Row).Order()]))];

    private static void Require(int rows, int folds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        if (rows < folds)
            throw new ArgumentException($"{rows} rows cannot make {folds} folds.", nameof(rows));
    }
}
