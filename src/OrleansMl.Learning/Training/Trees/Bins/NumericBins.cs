namespace OrleansMl.Learning;

/// <summary>Bins of a number: b holds values over the threshold before it and up to its own; the last threshold is ∞.</summary>
internal sealed class NumericBins : FeatureBins
{
    private readonly float[] _thresholds;

    private NumericBins(float[] thresholds) => _thresholds = thresholds;

    public override int Count => _thresholds.Length;

    public override bool IsCategorical => false;

    public float this[int bin] => _thresholds[bin];

    /// <summary>
    /// One bin for each distinct value where those suffice; else bins of about equally many rows, where a value that
    /// fills one alone gets it, and the rest is shared out among the others (as LightGBM does).
    /// </summary>
    /// <param name="values">At least those a sample holds; sorted in place. What is not finite is passed over.</param>
    /// <param name="most">Bins.</param>
    public static NumericBins Of(Span<float> values, int most)
    {
        values.Sort();

        // NaN is sorted before −∞.
        var first = 0;
        while (first < values.Length && !float.IsFinite(values[first]))
            first++;
        values = values[first..].TrimEnd(float.PositiveInfinity);
        var (distinct, counts) = Runs(values);
        if (distinct.Count == 0)
            return new NumericBins([]);
        var thresholds = new List<float>(Math.Min(most, distinct.Count));
        if (distinct.Count <= most)
        {
            for (var i = 0; i + 1 < distinct.Count; i++)
                thresholds.Add(Between(distinct[i], distinct[i + 1]));
        }
        else
        {
            Share(distinct, counts, values.Length, most, thresholds);
        }

        thresholds.Add(float.PositiveInfinity);
        return new NumericBins([.. thresholds]);
    }

    public override byte BinOf(float value)
    {
        if (!float.IsFinite(value))
            return (byte)Missing;
        var thresholds = _thresholds;
        int low = 0, length = thresholds.Length;
        while (length > 1)
        {
            var half = length >> 1;
            low += thresholds[low + half - 1] < value ? half : 0;
            length -= half;
        }

        return (byte)low;
    }

    private static (List<float> Distinct, List<int> Counts) Runs(ReadOnlySpan<float> sorted)
    {
        var distinct = new List<float>();
        var counts = new List<int>();
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start + 1; end < sorted.Length && sorted[end] == sorted[start];)
                end++;
            distinct.Add(sorted[start]);
            counts.Add(end - start);
        }

        return (distinct, counts);
    }

    private static void Share(List<float> distinct, List<int> counts, int rows, int most, List<float> thresholds)
    {
        var even = (double)rows / most;
        var (alone, others) = (0, 0);
        foreach (var count in counts)
        {
            if (count >= even)
                alone++;
            else
                others += count;
        }

        var (free, target) = (most - alone, (double)others / Math.Max(1, most - alone));
        var held = 0;
        for (var i = 0; i + 1 < distinct.Count && thresholds.Count < most - 1; i++)
        {
            held += counts[i];
            var stands = counts[i] >= even;
            if (!stands && held < target && !(counts[i + 1] >= even && held >= target / 2))
                continue;
            thresholds.Add(Between(distinct[i], distinct[i + 1]));
            if (!stands)
            {
                others -= held;
                target = (double)others / Math.Max(1, --free);
            }

            held = 0;
        }
    }

    /// <summary>A float t with low ≤ t &lt; high, near the middle.</summary>
    private static float Between(float low, float high)
    {
        var middle = (float)(((double)low + high) / 2);
        return middle >= low && middle < high ? middle : low;
    }
}
