namespace OrleansMl.Learning;

/// <summary>Room for one transformed row, to be used again and again by one thread.</summary>
public sealed class TransformedRow(FittedPipeline pipeline)
{
    private readonly double[] _dense = new double[pipeline.DenseCount];
    private readonly int[] _indices = new int[pipeline.HashedCount];
    private readonly double[] _values = new double[pipeline.HashedCount];

    /// <summary>What was last transformed.</summary>
    public FeatureSpan Features => new(_dense, _indices, _values);

    /// <summary>Transforms a row into this room.</summary>
    public FeatureSpan Fill(in Row row)
    {
        pipeline.Transform(row, _dense, _indices, _values);
        return Features;
    }
}
