namespace OrleansMl.Learning;

/// <summary>
/// One transformed row: a dense part [D] at indices 0 … D−1, then K hashed features at indices D + place with a value
/// each (0 for a missing one).
/// </summary>
public readonly ref struct FeatureSpan(ReadOnlySpan<double> dense, ReadOnlySpan<int> hashedIndices, ReadOnlySpan<double> hashedValues)
{
    public ReadOnlySpan<double> Dense { get; } = dense;

    /// <summary>Places in the hashed table, [K], each in [0, 2^bits).</summary>
    public ReadOnlySpan<int> HashedIndices { get; } = hashedIndices;

    /// <summary>Values of the hashed features, [K].</summary>
    public ReadOnlySpan<double> HashedValues { get; } = hashedValues;

    public static implicit operator FeatureSpan(double[] dense) => new(dense, [], []);
}
