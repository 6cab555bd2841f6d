namespace OrleansMl.Learning;

/// <summary>The score interval of a rate (Wilson 1927): never outside [0, 1], sound for few rows and for rates near 0 and 1.</summary>
public static class Wilson
{
    /// <param name="successes">In [0, trials].</param>
    /// <param name="trials">≥ 1.</param>
    public static ConfidenceInterval Interval(long successes, long trials, double level = ConfidenceInterval.DefaultLevel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        var (z, n, rate) = (ConfidenceInterval.Quantile(level), (double)trials, (double)successes / trials);
        var center = (rate + (z * z / (2 * n))) / (1 + (z * z / n));
        var reach = z / (1 + (z * z / n)) * Math.Sqrt((rate * (1 - rate) / n) + (z * z / (4 * n * n)));

        // At 0 and n the bound is 0 or 1 itself; rounding must not push it past the rate.
        return new ConfidenceInterval(rate, Math.Clamp(center - reach, 0, rate), Math.Clamp(center + reach, rate, 1), level);
    }
}
