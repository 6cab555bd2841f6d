namespace OrleansMl.Learning;

/// <summary>What boosting refuses about rows, and what their rows weigh.</summary>
internal static class BoostingRows
{
    private const string Widen = "widen the window, or take another data set";

    /// <summary>Histograms beyond this are refused before the machine's memory is gone.</summary>
    private const long MostHistogramBytes = 1L << 30;

    /// <exception cref="LearnerException">Rows that cannot be learned from.</exception>
    public static void Check(string type, TrainingRows rows, in TrainerShape shape, BoostingOptions options, string part)
    {
        if (rows.Count == 0)
            throw new LearnerException($"{type} has no {part} rows; {Widen}.");
        if (rows.HashedCount > 0)
            throw new LearnerException($"{type} takes no hashed features, and these rows have {rows.HashedCount}: its trees test one column at a time, and no place of a hashed table is one; use ordinal or one_hot instead of hash.");
        if (rows.DenseCount != shape.Learner.DenseCount)
            throw new LearnerException($"{type} was made for {shape.Learner.DenseCount} features, and the {part} rows hold {rows.DenseCount}; transform them by the pipeline it was made for.");
        var classes = shape.Learner.Classes;
        for (var row = 0; row < rows.Count; row++)
        {
            var target = rows.Targets[row];
            if (classes == 0 ? !double.IsFinite(target) || (options.Loss == BoostingOptions.Poisson && target < 0) : !(target >= 0 && target < classes && target == Math.Floor(target)))
                throw new LearnerException($"The target of {part} row {row} is {FormattableString.Invariant($"{target}")}; {type} takes {Admitted(classes, options)}: leave such rows out.");
            if (rows.Weights is { } weights && !(weights[row] > 0 && weights[row] <= RowCheck.LargestWeight))
                throw new LearnerException($"The weight of {part} row {row} is {FormattableString.Invariant($"{weights[row]}")}; it must be > 0 and at most 1e12: leave such rows out.");
        }
    }

    /// <exception cref="LearnerException">One class alone, or counts that are all 0.</exception>
    public static void CheckTargets(string type, TrainingRows rows, int classes, BoostingOptions options)
    {
        if (classes > 0 && Array.TrueForAll(rows.Targets, target => target == rows.Targets[0]))
            throw new LearnerException($"All {rows.Count} training rows are of class {rows.Targets[0]}; {type} needs two classes to tell apart: {Widen}.");
        if (options.Loss == BoostingOptions.Poisson && Array.TrueForAll(rows.Targets, target => target == 0))
            throw new LearnerException($"All {rows.Count} training rows count 0, and loss: poisson has no rate to start from: {Widen}, or use loss: squared.");
    }

    /// <exception cref="LearnerException">No column tells rows apart, or the histograms would be too large.</exception>
    public static void CheckBins(string type, BinnedRows rows, BoostingOptions options)
    {
        if (rows.Telling().Length == 0)
            throw new LearnerException($"All {rows.Features.Length} columns are constant in the {rows.Count} training rows, so that {type} has nothing to split by: add features, or {Widen}.");
        var bytes = (long)rows.Offsets[^1] * System.Runtime.CompilerServices.Unsafe.SizeOf<HistogramBin>() * (options.MaxLeaves + 1);
        if (bytes > MostHistogramBytes)
            throw new LearnerException($"{type} would need {bytes >> 20} MiB for the histograms of {rows.Features.Length} columns with {rows.Offsets[^1]} bins and {options.MaxLeaves} leaves, over the limit of {MostHistogramBytes >> 20} MiB; lower maxLeaves or maxBins, or use fewer columns.");
    }

    /// <summary>[N]: importance weights, times what makes classes weigh the same; null: all are 1.</summary>
    public static double[]? Weights(TrainingRows rows, int classes, bool isBalanced)
    {
        if (!isBalanced)
            return rows.Weights;
        var held = new double[classes];
        for (var one = 0; one < classes; one++)
            held[one] = FixedPoint.Sum([.. Enumerable.Range(0, rows.Count).Where(row => rows.Targets[row] == one).Select(rows.WeightOf)]);
        var share = held.Sum() / held.Count(weight => weight > 0);
        return [.. Enumerable.Range(0, rows.Count).Select(row => rows.WeightOf(row) * share / held[(int)rows.Targets[row]])];
    }

    private static string Admitted(int classes, BoostingOptions options) => classes > 0 ? $"a class from 0 to {classes - 1}"
        : options.Loss == BoostingOptions.Poisson ? "a finite number, with loss: poisson at least 0"
        : "a finite number";
}
