namespace OrleansMl.Learning;

/// <summary>What boosting refuses about rows.</summary>
internal static class BoostingRows
{
    private const string Widen = "widen the window, or take another data set";

    /// <summary>Histograms beyond this are refused before the machine's memory is gone.</summary>
    private const long MostHistogramBytes = 1L << 30;

    /// <exception cref="LearnerException">Rows that cannot be learned from.</exception>
    public static void Check(string type, TrainingRows train, TrainingRows? validation, in LearnerShape shape, BoostingOptions options)
    {
        if (train.HashedCount > 0 || shape.HashedCount > 0)
            throw new LearnerException($"{type} takes no hashed features, and these rows have {Math.Max(train.HashedCount, shape.HashedCount)}: its trees test one column at a time, and no place of a hashed table is one; use ordinal or one_hot instead of hash.");
        TrainingRowsCheck.Check(type, train, shape, takesMissing: true);
        if (validation is not null)
            TrainingRowsCheck.Rows($"validation of {type}", validation, shape, takesMissing: true);
        if (options.Loss != BoostingOptions.Poisson)
            return;
        foreach (var rows in validation is null ? [train] : new[] { train, validation })
        {
            if (Array.FindIndex(rows.Targets, target => target < 0) is >= 0 and var row)
                throw new LearnerException(FormattableString.Invariant($"{type} cannot learn row {row} of {rows.Count} with loss: poisson: its target is {rows.Targets[row]}, and a count must be at least 0; leave the row out, or use loss: squared."));
        }

        if (Array.TrueForAll(train.Targets, target => target == 0))
            throw new LearnerException($"All {train.Count} training rows count 0, and loss: poisson has no rate to start from: {Widen}, or use loss: squared.");
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
}
