using System.Collections.Frozen;

namespace OrleansMl.Jobs;

/// <summary>Where the steps of a kind of job begin and end in the whole.</summary>
internal sealed class StepShares(IReadOnlyDictionary<string, (double From, double To)> shares)
{
    private readonly FrozenDictionary<string, (double From, double To)> _shares = shares.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>How far the whole is.</summary>
    /// <param name="step">What it does.</param>
    /// <param name="within">Share of the step, 0 to 1.</param>
    public double Fraction(string step, double within)
    {
        var (from, to) = _shares[step];
        return from + ((to - from) * Math.Clamp(within, 0, 1));
    }
}
