namespace OrleansMl.Learning;

/// <summary>A leaf of a tree that grows.</summary>
/// <param name="node">Its place among the tree's nodes.</param>
/// <param name="start">Of its rows in the partition.</param>
/// <param name="count">Of its rows.</param>
/// <param name="depth">Tests above it.</param>
/// <param name="sums">Over its rows.</param>
internal sealed class GrowingLeaf(int node, int start, int count, int depth, GradientPair sums)
{
    public int Node => node;

    public int Start => start;

    public int Count => count;

    public int Depth => depth;

    public GradientPair Sums => sums;

    /// <summary>Of all features; null once nobody needs it.</summary>
    public HistogramBin[]? Histogram { get; set; }

    /// <summary>The best way to split it; its count is 0 when there is none.</summary>
    public BoostedSplit Best { get; set; }
}
