namespace OrleansMl.Learning;

/// <summary>Statistics of finite numbers, in the given order, at least one.</summary>
internal static class Statistics
{
    /// <summary>Between the smallest and the largest value whatever the rounding: the mean of a constant is that constant.</summary>
    public static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0, min = values[0], max = values[0];
        foreach (var value in values)
        {
            sum += value;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        var mean = sum / values.Length;
        return double.IsFinite(mean) ? Math.Clamp(mean, min, max) : mean;
    }

    /// <summary>Two passes: the squares of large means do not swallow small spreads.</summary>
    public static double PopulationVariance(ReadOnlySpan<double> values, double mean)
    {
        double sum = 0;
        foreach (var value in values)
            sum += (value - mean) * (value - mean);
        return sum / values.Length;
    }

    public static double Median(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        var half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] / 2) + (sorted[half] / 2);
    }
}
