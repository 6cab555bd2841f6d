namespace OrleansMl.Learning;

/// <summary>Rows by their bins, a column of bytes for each feature.</summary>
internal sealed class BinnedRows
{
    /// <summary>Rows that bins are learned from; of more a seeded sample.</summary>
    private const int SampleRows = 200_000;

    private const int BlockRows = 512;

    private BinnedRows(int count, FeatureBins[] features)
    {
        (Count, Features) = (count, features);
        Columns = [.. features.Select(_ => new byte[count])];
        Offsets = new int[features.Length + 1];
        for (var i = 0; i < features.Length; i++)
            Offsets[i + 1] = Offsets[i] + features[i].Count + 1;
    }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>[D].</summary>
    public FeatureBins[] Features { get; }

    /// <summary>[D][N].</summary>
    public byte[][] Columns { get; }

    /// <summary>[D + 1]: the place of a feature's first bin in a histogram of all; the last is the size.</summary>
    public int[] Offsets { get; }

    /// <param name="rows">At least one.</param>
    /// <param name="shape">Tells categories.</param>
    /// <param name="most">Bins of a feature, missing values apart.</param>
    /// <param name="seed">Of the sample.</param>
    /// <param name="threads">To work on.</param>
    /// <param name="cancellationToken">Asked before each feature.</param>
    public static BinnedRows Of(TrainingRows rows, TrainerShape shape, int most, long seed, WorkThreads threads, CancellationToken cancellationToken)
    {
        var sample = Sample(rows.Count, seed);
        var features = new FeatureBins[rows.DenseCount];
        threads.Run(features.Length, feature =>
        {
            if (cancellationToken.IsCancellationRequested)
                return;
            var categories = shape.CategoriesOf(feature);
            var values = new float[categories > 0 ? rows.Count : sample?.Length ?? rows.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)rows.Dense[((categories > 0 || sample is null ? i : sample[i]) * rows.DenseCount) + feature];
            features[feature] = categories > 0 ? CategoryBins.Of(values, categories, most) : NumericBins.Of(values, most);
        });
        cancellationToken.ThrowIfCancellationRequested();
        var binned = new BinnedRows(rows.Count, features);
        threads.Blocks(rows.Count, BlockRows, (from, to) =>
        {
            for (var feature = 0; feature < features.Length; feature++)
                features[feature].Write(rows.Dense.AsSpan((from * rows.DenseCount) + feature), rows.DenseCount, binned.Columns[feature].AsSpan(from, to - from));
        });
        return binned;
    }

    /// <summary>Features by which rows differ.</summary>
    public int[] Telling() => [.. Enumerable.Range(0, Features.Length).Where(feature => Features[feature].Count > 1
        || (Features[feature].Count == 1 && Columns[feature].AsSpan().Contains((byte)Features[feature].Missing)))];

    /// <summary>Ascending; null: all.</summary>
    private static int[]? Sample(int count, long seed)
    {
        if (count <= SampleRows)
            return null;
        var draw = SeededDraw.For(seed, -1);
        var sample = new int[SampleRows];
        for (int row = 0, taken = 0; taken < sample.Length; row++)
        {
            // Selection sampling (Knuth, algorithm S).
            if ((count - row) * draw.Uniform() < sample.Length - taken)
                sample[taken++] = row;
        }

        return sample;
    }
}
