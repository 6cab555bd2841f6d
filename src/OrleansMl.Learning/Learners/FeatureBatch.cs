namespace OrleansMl.Learning;

/// <summary>Rows of one shape, row-major: dense [N, D], hashed places and values [N, K].</summary>
public readonly ref struct FeatureBatch
{
    private readonly ReadOnlySpan<double> _dense;
    private readonly ReadOnlySpan<int> _hashedIndices;
    private readonly ReadOnlySpan<double> _hashedValues;

    /// <param name="count">N.</param>
    /// <param name="dense">[N, D].</param>
    /// <param name="hashedIndices">[N, K].</param>
    /// <param name="hashedValues">[N, K].</param>
    /// <exception cref="ArgumentException">A length is no multiple of N, or places and values differ in number.</exception>
    public FeatureBatch(int count, ReadOnlySpan<double> dense, ReadOnlySpan<int> hashedIndices = default, ReadOnlySpan<double> hashedValues = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (hashedIndices.Length != hashedValues.Length || (count == 0 ? dense.Length + hashedIndices.Length > 0 : dense.Length % count != 0 || hashedIndices.Length % count != 0))
            throw new ArgumentException($"{dense.Length} dense numbers, {hashedIndices.Length} places and {hashedValues.Length} values are not those of {count} rows.", nameof(count));
        Count = count;
        _dense = dense;
        _hashedIndices = hashedIndices;
        _hashedValues = hashedValues;
        (DenseCount, HashedCount) = count == 0 ? (0, 0) : (dense.Length / count, hashedIndices.Length / count);
    }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>D.</summary>
    public int DenseCount { get; }

    /// <summary>K.</summary>
    public int HashedCount { get; }

    /// <summary>One row.</summary>
    public FeatureSpan this[int row] => new(
        _dense.Slice(row * DenseCount, DenseCount),
        _hashedIndices.Slice(row * HashedCount, HashedCount),
        _hashedValues.Slice(row * HashedCount, HashedCount));
}
