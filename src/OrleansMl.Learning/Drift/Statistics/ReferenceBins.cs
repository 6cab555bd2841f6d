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

    private ReferenceBins(double[] edges, bool discrete, int[] reference)
        => (_edges, _discrete, Reference, ReferenceCount) = (edges, discrete, reference, reference.Sum());

    /// <summary>Rows of the reference by bin.</summary>
    public int[] Reference { get; }

    /// <summary>The values themselves where there are few, one bin each; else the bounds of the bins.</summary>
    public IReadOnlyList<double> Edges => _edges;

    /// <summary>The edges are values.</summary>
    public bool IsDiscrete => _discrete;

    public int ReferenceCount { get; }

    /// <summary>Edges at the reference's deciles, those that coincide once; the outer bins are open.</summary>
    public static ReferenceBins Deciles(double[] sorted) => Quantiles(sorted, 10);

    /// <summary>The same with as many bins as asked for.</summary>
    public static ReferenceBins Quantiles(double[] sorted, int bins)
    {
        if (Distinct(sorted) is { } values)
            return new ReferenceBins(sorted, values, discrete: true);
        var inner = Enumerable.Range(1, bins - 1).Select(i => sorted[(int)((long)i * sorted.Length / bins)]).Distinct();
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
            counts[BinOf(value)]++;
        return counts;
    }

    /// <summary>The bin of a value, from 0; the last for one outside.</summary>
    public int BinOf(double value)
    {
        var last = _discrete ? _edges.Length : _edges.Length - 1;
        var place = Array.BinarySearch(_edges, value);
        var bin = _discrete ? place
            : place == _edges.Length - 1 ? place - 1 // the last edge closes its bin
            : place >= 0 ? place
            : ~place - 1;
        return bin >= 0 && bin < last ? bin : last;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(_discrete);
        writer.Write(_edges.Length);
        foreach (var edge in _edges)
            writer.Write(edge);
        foreach (var count in Reference)
            writer.Write(count);
    }

    public static ReferenceBins Read(BinaryReader reader)
    {
        var discrete = reader.ReadBoolean();
        var edges = new double[reader.ReadInt32()];
        for (var i = 0; i < edges.Length; i++)
            edges[i] = reader.ReadDouble();
        var reference = new int[discrete ? edges.Length + 1 : edges.Length];
        for (var i = 0; i < reference.Length; i++)
            reference[i] = reader.ReadInt32();
        return new ReferenceBins(edges, discrete, reference);
    }

    private static double[]? Distinct(double[] sorted)
    {
        var values = sorted.Distinct().ToArray();
        return values.Length == 1 || (values.Length <= MaxDiscrete && values.Length <= DiscreteShare * sorted.Length) ? values : null;
    }
}
