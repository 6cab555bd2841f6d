namespace OrleansMl.Learning;

/// <summary>
/// Bins fixed on a reference: of few distinct values one bin a value, else edges. Values outside fall into a last bin that
/// the reference leaves empty, so that a shift out of its range cannot hide.
/// </summary>
internal sealed class ReferenceBins
{
    private const int MaxDiscrete = 50;
    private const double DiscreteShare = 0.1;

    private readonly double[] _edges;
    private readonly bool _discrete;

    private ReferenceBins(double[] sorted, double[] edges, bool discrete)
    {
        (_edges, _discrete, ReferenceCount) = (edges, discrete, sorted.Length);
        Reference = Counts(sorted);
    }

    /// <summary>Rows of the reference by bin.</summary>
    public int[] Reference { get; }

    public int ReferenceCount { get; }

    /// <summary>Edges at the reference's deciles, those that coincide once; the outer bins are open.</summary>
    public static ReferenceBins Deciles(double[] sorted)
    {
        if (Distinct(sorted) is { } values)
            return new ReferenceBins(sorted, values, discrete: true);
        var inner = Enumerable.Range(1, 9).Select(tenth => sorted[(int)((long)tenth * sorted.Length / 10)]).Distinct();
        return new ReferenceBins(sorted, [double.NegativeInfinity, .. inner, double.PositiveInfinity], discrete: false);
    }

    /// <summary>Equal widths, as many as Doane (1976) asks: 1 + log₂ n + log₂(1 + |g₁|/σ_g₁), g₁ the skewness.</summary>
    public static ReferenceBins Doane(double[] sorted)
    {
        if (Distinct(sorted) is { } values)
            return new ReferenceBins(sorted, values, discrete: true);
        var (n, mean, range) = ((double)sorted.Length, sorted.Average(), sorted[^1] - sorted[0]);
        var deviation = Math.Sqrt(sorted.Sum(value => (value - mean) * (value - mean)) / n);
        var skewness = sorted.Sum(value => Math.Pow((value - mean) / deviation, 3)) / n;
        var spread = Math.Sqrt(6 * (n - 2) / ((n + 1) * (n + 3)));
        var width = range / (1 + Math.Log2(n) + Math.Log2(1 + (Math.Abs(skewness) / spread)));
        var count = (int)Math.Ceiling(range / width);
        var edges = Enumerable.Range(0, count + 1).Select(i => i == count ? sorted[^1] : sorted[0] + (i * (range / count))).ToArray();
        return new ReferenceBins(sorted, edges, discrete: false);
    }

    /// <summary>Rows by bin; the last is for values outside.</summary>
    public int[] Counts(double[] sorted)
    {
        var counts = new int[_discrete ? _edges.Length + 1 : _edges.Length];
        foreach (var value in sorted)
        {
            var place = Array.BinarySearch(_edges, value);
            var bin = _discrete ? place
                : place == _edges.Length - 1 ? place - 1 // the last edge closes its bin
                : place >= 0 ? place
                : ~place - 1;
            counts[bin >= 0 && bin < counts.Length - 1 ? bin : counts.Length - 1]++;
        }

        return counts;
    }

    private static double[]? Distinct(double[] sorted)
    {
        var values = sorted.Distinct().ToArray();
        return values.Length == 1 || (values.Length <= MaxDiscrete && values.Length <= DiscreteShare * sorted.Length) ? values : null;
    }
}
