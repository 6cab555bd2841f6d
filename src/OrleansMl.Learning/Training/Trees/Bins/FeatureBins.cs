namespace OrleansMl.Learning;

/// <summary>How a feature's values fall into bins. Values are compared as 32-bit floats, as exported graphs do; what is not finite as such is missing.</summary>
internal abstract class FeatureBins
{
    /// <summary>A bin is a byte, and one is for missing values.</summary>
    public const int MostBins = 255;

    /// <summary>Bins other than that of missing values, which is the next.</summary>
    public abstract int Count { get; }

    /// <summary>The bin of missing values.</summary>
    public int Missing => Count;

    /// <summary>The feature holds codes of categories.</summary>
    public abstract bool IsCategorical { get; }

    /// <summary>The bin of a value.</summary>
    public abstract byte BinOf(float value);

    /// <summary>Bins of one column of rows.</summary>
    /// <param name="values">Row-major, from the feature's value in the first row.</param>
    /// <param name="stride">From row to row.</param>
    /// <param name="bins">[rows], written.</param>
    public void Write(ReadOnlySpan<double> values, int stride, Span<byte> bins)
    {
        for (int row = 0, at = 0; row < bins.Length; row++, at += stride)
            bins[row] = BinOf((float)values[at]);
    }
}
