namespace OrleansMl.Cli.Scoring;

/// <summary>Percentiles of durations.</summary>
internal static class Latency
{
    /// <summary>The smallest value that at least <paramref name="share"/> of all values do not exceed; null for none.</summary>
    /// <param name="milliseconds">Values in any order; sorted in place.</param>
    /// <param name="share">In (0, 1].</param>
    public static double? Percentile(List<double> milliseconds, double share)
    {
        if (milliseconds.Count == 0)
            return null;
        milliseconds.Sort();
        return milliseconds[Math.Max(0, (int)Math.Ceiling(share * milliseconds.Count) - 1)];
    }
}
