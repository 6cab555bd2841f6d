namespace OrleansMl.Learning;

/// <summary>When a measure is drift: above a value, or with a p-value below a level. Chosen apart from statistic and chunks.</summary>
public readonly record struct DriftThreshold
{
    private DriftThreshold(double? upper, double? alpha) => (Upper, Alpha) = (upper, alpha);

    /// <summary>Drift above it; null where the p-value decides.</summary>
    public double? Upper { get; }

    /// <summary>Drift where p is below it; null where the value decides.</summary>
    public double? Alpha { get; }

    /// <summary>A value above which all is drift.</summary>
    public static DriftThreshold Fixed(double upper)
        => double.IsFinite(upper) ? new DriftThreshold(upper, null) : throw new ArgumentOutOfRangeException(nameof(upper), upper, "A threshold must be finite.");

    /// <summary>A level of the p-value, in (0, 1). Many columns or looks need <see cref="MultipleTesting"/> besides.</summary>
    public static DriftThreshold PValue(double alpha)
        => alpha is > 0 and < 1 ? new DriftThreshold(null, alpha) : throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "A level must be in (0, 1).");

    /// <summary>
    /// Mean + <paramref name="deviations"/> standard deviations (population) of the statistic over the reference's own
    /// chunks in file order: what is usual there is no alarm, whatever the size of the chunks.
    /// </summary>
    /// <param name="reference">In the order it came, as fitted.</param>
    public static DriftThreshold FromReference(DriftStatistic statistic, ReadOnlySpan<double> reference, Chunking chunking, double deviations = 3)
    {
        var values = new List<double>();
        foreach (var range in chunking.Split(reference.Length))
            values.Add(statistic.Measure(reference[range]).Value);
        if (values.Count < 2)
            throw new ArgumentException($"The reference of {reference.Length} values has {values.Count} chunks of {chunking.Size}; a threshold needs at least 2.", nameof(reference));
        var mean = values.Average();
        return Fixed(mean + (deviations * Math.Sqrt(values.Average(value => (value - mean) * (value - mean)))));
    }

    /// <summary>True for drift.</summary>
    /// <exception cref="ArgumentException">A p-value is asked of a statistic that has none.</exception>
    public bool IsDrift(DriftMeasure measure)
        => Alpha is { } alpha
            ? (measure.PValue ?? throw new ArgumentException("This statistic has no p-value; give its threshold as a value.", nameof(measure))) < alpha
            : measure.Value > Upper;
}
