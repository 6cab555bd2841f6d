using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// k-means: Lloyd's algorithm to its end, with the bounds of Hamerly (SDM 2010), from centres drawn as k-means++ does (Arthur and
/// Vassilvitskii, 2007). Points are row-major, [N, M], of finite numbers; deterministic for equal points and seed.
/// </summary>
public static class KMeans
{
    private const int MostIterations = 300;

    /// <summary>The best of several starts; centres by ascending first number, then second, and so on.</summary>
    /// <param name="points">[N, M].</param>
    /// <param name="columns">M.</param>
    /// <param name="k">At most the number of distinct points.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="starts">≥ 1: each draws its own centres.</param>
    /// <exception cref="ArgumentException">There are fewer distinct points than clusters.</exception>
    public static KMeansResult Fit(double[] points, int columns, int k, long seed, int starts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(starts, 1);
        KMeansResult? best = null;
        for (var start = 0; start < starts; start++)
        {
            var result = Refine(points, columns, KMeansStart.Draw(points, columns, k, SeededDraw.For(seed, start)));
            if (best is null || result.Inertia < best.Inertia)
                best = result;
        }

        return best! with { Centres = Ordered(best!.Centres, columns) };
    }

    /// <summary>Lloyd's algorithm from given centres. A cluster that runs empty takes the point that is farthest from its own centre.</summary>
    /// <param name="points">[N, M].</param>
    /// <param name="columns">M.</param>
    /// <param name="centres">[K, M], K ≤ N; not changed.</param>
    public static KMeansResult Refine(double[] points, int columns, double[] centres)
    {
        var clusters = new HamerlyClusters(points, columns, [.. centres]);
        var iterations = 0;
        while (iterations < MostIterations)
        {
            iterations++;
            if (!clusters.Assign() && !clusters.AssignAnew())
                break;
            clusters.Move();
        }

        return new KMeansResult([.. clusters.Centres], clusters.Inertia(), iterations);
    }

    /// <summary>The squared distance of two points.</summary>
    internal static double SquaredDistance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (var j = 0; j < a.Length; j++)
            sum += (a[j] - b[j]) * (a[j] - b[j]);
        return sum;
    }

    private static ImmutableArray<double> Ordered(ImmutableArray<double> centres, int columns)
    {
        var rows = Enumerable.Range(0, centres.Length / columns).Select(c => centres.AsSpan(c * columns, columns).ToArray()).ToArray();
        Array.Sort(rows, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return [.. rows.SelectMany(row => row)];
    }
}
