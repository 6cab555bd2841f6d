using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>Rows as a trainer takes them.</summary>
public static class RowTransform
{
    /// <summary>Transforms some of the rows, in the order of the indices.</summary>
    public static TrainingRows Apply(FittedPipeline pipeline, LabelledRow[] rows, ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(rows);
        var (dense, hashed) = (pipeline.DenseCount, pipeline.HashedCount);
        if ((long)indices.Length * Math.Max(dense, hashed) > Array.MaxLength)
            throw new LearnerException($"{indices.Length} rows of {Math.Max(dense, hashed)} features do not fit into memory at once (limit {Array.MaxLength} numbers); take a shorter window, or fewer features.");
        var numbers = new double[indices.Length * dense];
        var (places, values) = (new int[indices.Length * hashed], new double[indices.Length * hashed]);
        var targets = new double[indices.Length];
        double[]? weights = null;
        for (var i = 0; i < indices.Length; i++)
        {
            var row = rows[indices[i]];
            pipeline.Transform(row.Row, numbers.AsSpan(i * dense, dense), places.AsSpan(i * hashed, hashed), values.AsSpan(i * hashed, hashed));
            targets[i] = row.Label;
            if (row.Weight != 1 && weights is null)
                Array.Fill(weights = new double[indices.Length], 1);
            if (weights is not null)
                weights[i] = row.Weight;
        }

        return new TrainingRows(indices.Length, numbers, places, values, targets, weights);
    }
}
