namespace OrleansMl.Learning;

/// <summary>Some of many rows, copied.</summary>
internal static class RowSubset
{
    public static TrainingRows Of(TrainingRows rows, ReadOnlySpan<int> indices)
    {
        var (d, k) = (rows.DenseCount, rows.HashedCount);
        var (dense, places, values) = (new double[indices.Length * d], new int[indices.Length * k], new double[indices.Length * k]);
        var targets = new double[indices.Length];
        var weights = rows.Weights is null ? null : new double[indices.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            var row = indices[i];
            rows.Dense.AsSpan(row * d, d).CopyTo(dense.AsSpan(i * d));
            rows.HashedIndices.AsSpan(row * k, k).CopyTo(places.AsSpan(i * k));
            rows.HashedValues.AsSpan(row * k, k).CopyTo(values.AsSpan(i * k));
            targets[i] = rows.Targets[row];
            if (weights is not null)
                weights[i] = rows.Weights![row];
        }

        return new TrainingRows(indices.Length, dense, places, values, targets, weights);
    }

    /// <summary>The newest of them.</summary>
    public static TrainingRows Newest(TrainingRows rows, int count)
        => count >= rows.Count ? rows : Of(rows, [.. Enumerable.Range(rows.Count - count, count)]);
}
