namespace OrleansMl.Learning;

/// <summary>Transformed rows with their truths, row-major, in the order of time: what a trainer fits and is judged on.</summary>
public sealed class TrainingRows
{
    /// <param name="count">N ≥ 0.</param>
    /// <param name="dense">[N, D]; NaN is missing where the pipeline keeps missing values.</param>
    /// <param name="hashedIndices">[N, K], each in [0, 2^bits).</param>
    /// <param name="hashedValues">[N, K].</param>
    /// <param name="targets">[N]: the class, from 0, or the value.</param>
    /// <param name="weights">[N], positive; null: all are 1.</param>
    /// <exception cref="ArgumentException">A length is no multiple of N, or two of them do not fit each other.</exception>
    public TrainingRows(int count, double[] dense, int[] hashedIndices, double[] hashedValues, double[] targets, double[]? weights = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (targets.Length != count || (weights is not null && weights.Length != count) || hashedIndices.Length != hashedValues.Length
            || (count == 0 ? dense.Length + hashedIndices.Length > 0 : dense.Length % count != 0 || hashedIndices.Length % count != 0))
        {
            throw new ArgumentException($"{dense.Length} dense numbers, {hashedIndices.Length} places, {hashedValues.Length} values, {targets.Length} targets and {weights?.Length ?? count} weights are not those of {count} rows.", nameof(count));
        }

        (Count, Dense, HashedIndices, HashedValues, Targets, Weights) = (count, dense, hashedIndices, hashedValues, targets, weights);
        (DenseCount, HashedCount) = count == 0 ? (0, 0) : (dense.Length / count, hashedIndices.Length / count);
    }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>D.</summary>
    public int DenseCount { get; }

    /// <summary>K.</summary>
    public int HashedCount { get; }

    /// <summary>[N, D].</summary>
    public double[] Dense { get; }

    /// <summary>[N, K].</summary>
    public int[] HashedIndices { get; }

    /// <summary>[N, K].</summary>
    public double[] HashedValues { get; }

    /// <summary>[N].</summary>
    public double[] Targets { get; }

    /// <summary>[N]; null: all are 1.</summary>
    public double[]? Weights { get; }

    /// <summary>One row.</summary>
    public FeatureSpan this[int row] => new(
        Dense.AsSpan(row * DenseCount, DenseCount),
        HashedIndices.AsSpan(row * HashedCount, HashedCount),
        HashedValues.AsSpan(row * HashedCount, HashedCount));

    /// <summary>Importance weight of one row.</summary>
    public double WeightOf(int row) => Weights is null ? 1 : Weights[row];
}
