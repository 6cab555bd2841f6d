using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016), with thirds as Li et al.
/// (Hyperband, JMLR 2018) take them: all trials get a small share of the resource, the best third of them three times as much, and so on to the whole.
/// Each rung costs about the same.
/// </summary>
internal static class Halving
{
    /// <summary>η: one in so many goes on.</summary>
    public const int Eta = 3;

    /// <summary>Trials and share of the resource of each rung, the last with the whole.</summary>
    /// <param name="trials">≥ 1.</param>
    /// <param name="leastShare">No rung is below it.</param>
    public static ImmutableArray<TuningRung> Rungs(int trials, double leastShare)
    {
        var steps = 0;
        for (double left = trials, share = 1; left >= Eta && share / Eta >= leastShare * (1 - 1e-9); left /= Eta, share /= Eta)
            steps++;
        return [.. Enumerable.Range(0, steps + 1).Select(rung => new TuningRung(Math.Max(1, (int)(trials / Math.Pow(Eta, rung) * (1 + 1e-12))), Math.Pow(Eta, rung - steps)))];
    }
}
