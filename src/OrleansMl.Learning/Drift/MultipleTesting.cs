using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Adjusted p-values of many tests at once, in the order given: compare them with the level as if each stood alone.
/// Without it, 100 columns that stand still give 5 alarms at 0.05.
/// </summary>
public static class MultipleTesting
{
    /// <summary>min(1, n·p): the probability of any false alarm stays below the level.</summary>
    /// <exception cref="ArgumentException">A p-value outside [0, 1].</exception>
    public static ImmutableArray<double> Bonferroni(ReadOnlySpan<double> pValues)
    {
        Require(pValues);
        var adjusted = pValues.ToArray();
        for (var i = 0; i < adjusted.Length; i++)
            adjusted[i] = Math.Min(1, adjusted[i] * adjusted.Length);
        return [.. adjusted];
    }

    /// <summary>Holm (1979): the same promise as Bonferroni's, by steps: the i-th least p, from 0, times n − i. Never less powerful.</summary>
    /// <exception cref="ArgumentException">A p-value outside [0, 1].</exception>
    public static ImmutableArray<double> Holm(ReadOnlySpan<double> pValues)
    {
        Require(pValues);
        var given = pValues.ToArray();
        var order = Enumerable.Range(0, given.Length).OrderBy(i => given[i]).ToArray();
        var adjusted = new double[given.Length];
        var greatest = 0.0;
        for (var i = 0; i < order.Length; i++)
            adjusted[order[i]] = greatest = Math.Min(1, Math.Max(greatest, given[order[i]] * (given.Length - i)));
        return [.. adjusted];
    }

    /// <summary>By the correction named.</summary>
    /// <exception cref="ArgumentException">A p-value outside [0, 1].</exception>
    public static ImmutableArray<double> Adjust(DriftCorrection correction, ReadOnlySpan<double> pValues) => correction switch
    {
        DriftCorrection.Bonferroni => Bonferroni(pValues),
        DriftCorrection.Holm => Holm(pValues),
        DriftCorrection.BenjaminiHochberg => BenjaminiHochberg(pValues),
        _ => [.. pValues],
    };

    /// <summary>Benjamini and Hochberg (1995): the share of false alarms among the alarms stays below the level, for independent or positively dependent tests.</summary>
    /// <exception cref="ArgumentException">A p-value outside [0, 1].</exception>
    public static ImmutableArray<double> BenjaminiHochberg(ReadOnlySpan<double> pValues)
    {
        Require(pValues);
        var given = pValues.ToArray();
        var order = Enumerable.Range(0, given.Length).OrderByDescending(i => given[i]).ToArray();
        var adjusted = new double[given.Length];
        var least = 1.0;
        for (var i = 0; i < order.Length; i++)
            adjusted[order[i]] = least = Math.Min(least, given[order[i]] * given.Length / (given.Length - i));
        return [.. adjusted];
    }

    private static void Require(ReadOnlySpan<double> pValues)
    {
        for (var i = 0; i < pValues.Length; i++)
        {
            if (!(pValues[i] is >= 0 and <= 1))
                throw new ArgumentException($"p-value {i} is {pValues[i]}; it must be in [0, 1].", nameof(pValues));
        }
    }
}
