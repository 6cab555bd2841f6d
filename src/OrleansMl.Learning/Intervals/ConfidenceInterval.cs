namespace OrleansMl.Learning;

/// <summary>An estimate and the interval that covers the truth in a share <paramref name="Level"/> of repetitions, at one look only.</summary>
/// <param name="Estimate">The figure.</param>
/// <param name="Lower">Lower bound.</param>
/// <param name="Upper">Upper bound.</param>
/// <param name="Level">In (0, 1).</param>
public readonly record struct ConfidenceInterval(double Estimate, double Lower, double Upper, double Level)
{
    public const double DefaultLevel = 0.95;

    /// <summary>True where the interval holds the value.</summary>
    public bool Contains(double value) => value >= Lower && value <= Upper;

    /// <summary>estimate ± z · standard error.</summary>
    internal static ConfidenceInterval Normal(double estimate, double standardError, double level)
    {
        var reach = Quantile(level) * standardError;
        return new ConfidenceInterval(estimate, estimate - reach, estimate + reach, level);
    }

    /// <summary>z of a two-sided level.</summary>
    internal static double Quantile(double level)
        => level is > 0 and < 1
            ? MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (1 + level) / 2)
            : throw new ArgumentOutOfRangeException(nameof(level), level, "A level must be in (0, 1).");
}
