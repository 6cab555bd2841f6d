namespace OrleansMl.Learning;

/// <summary>What a factorization machine adds up over the features of a row, for the learner and its snapshot alike.</summary>
internal static class FactorizationSums
{
    /// <summary>Adds a feature.</summary>
    /// <param name="row">The feature's weight first; empty: it was never learned.</param>
    /// <param name="at">Where its factors begin.</param>
    /// <param name="x">Its value.</param>
    /// <param name="sums">Σ v x by factor.</param>
    /// <param name="linear">Σ w x.</param>
    /// <param name="squares">Σ v² x² over all factors.</param>
    public static void Add(ReadOnlySpan<double> row, int at, double x, Span<double> sums, ref double linear, ref double squares)
    {
        if (row.IsEmpty)
            return;
        linear += row[0] * x;
        for (var f = 0; f < sums.Length; f++)
        {
            var term = row[at + f] * x;
            sums[f] += term;
            squares += term * term;
        }
    }

    /// <summary>½ Σ_f [(Σ v x)² − Σ v² x²] is the sum over pairs, in time linear in the features.</summary>
    public static double Score(double linear, double squares, ReadOnlySpan<double> sums)
    {
        double pairs = 0;
        foreach (var sum in sums)
            pairs += sum * sum;
        return linear + (0.5 * (pairs - squares));
    }
}
