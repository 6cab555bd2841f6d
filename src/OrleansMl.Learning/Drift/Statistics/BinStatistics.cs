using MathNet.Numerics.Distributions;

namespace OrleansMl.Learning;

/// <summary>Statistics of two samples that are counted into the same bins.</summary>
internal static class BinStatistics
{
    private const double EmptyBin = 1e-4;
    private const double MinExpected = 5;

    /// <param name="kind">One that goes by bins alone.</param>
    /// <param name="reference">Rows of the reference by bin.</param>
    /// <param name="n">All of them.</param>
    /// <param name="chunk">Rows of the chunk by bin.</param>
    /// <param name="m">All of them, ≥ 1.</param>
    public static DriftMeasure Measure(DriftStatisticKind kind, ReadOnlySpan<int> reference, double n, ReadOnlySpan<int> chunk, double m)
    {
        if (kind == DriftStatisticKind.ChiSquare)
            return ChiSquare(reference, n, chunk, m);
        double sum = 0;
        for (var bin = 0; bin < chunk.Length; bin++)
        {
            var (r, c) = (reference[bin] / n, chunk[bin] / m);
            sum += kind switch
            {
                DriftStatisticKind.Psi => (Math.Max(c, EmptyBin) - Math.Max(r, EmptyBin)) * Math.Log(Math.Max(c, EmptyBin) / Math.Max(r, EmptyBin)),
                DriftStatisticKind.JensenShannon => (Divergence(r, (r + c) / 2) + Divergence(c, (r + c) / 2)) / 2,
                _ => Math.Sqrt(r * c),
            };
        }

        return new DriftMeasure(kind switch
        {
            DriftStatisticKind.Psi => sum,
            DriftStatisticKind.JensenShannon => Math.Sqrt(Math.Max(0, sum)),
            _ => Math.Sqrt(Math.Max(0, 1 - sum)),
        });
    }

    /// <summary>p = 2 Σ (−1)^{k−1} exp(−2k²λ²), λ = D sqrt(nm/(n + m)) (Kolmogorov 1933).</summary>
    public static DriftMeasure KolmogorovSmirnov(double distance, double n, double m)
    {
        var lambda = distance * Math.Sqrt(n * m / (n + m));
        if (lambda < 0.2)
            return new DriftMeasure(distance, 1); // 1 − p is below 1e-12 there, and the series converges badly
        double sum = 0;
        for (var k = 1; k <= 100; k++)
            sum += (k % 2 == 1 ? 2 : -2) * Math.Exp(-2 * k * k * lambda * lambda);
        return new DriftMeasure(distance, Math.Clamp(sum, 0, 1));
    }

    private static double Divergence(double p, double q) => p > 0 ? p * Math.Log2(p / q) : 0;

    private static DriftMeasure ChiSquare(ReadOnlySpan<int> references, double n, ReadOnlySpan<int> counts, double m)
    {
        var least = Math.Min(n, m) / (n + m);
        var cells = new List<(double Reference, double Chunk)>();
        double reference = 0, chunk = 0;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            (reference, chunk) = (reference + references[bin], chunk + counts[bin]);
            if ((reference + chunk) * least < MinExpected)
                continue;
            cells.Add((reference, chunk));
            (reference, chunk) = (0, 0);
        }

        if (cells.Count > 0)
            cells[^1] = (cells[^1].Reference + reference, cells[^1].Chunk + chunk);
        if (cells.Count < 2)
            return new DriftMeasure(0, 1);
        var statistic = cells.Sum(cell =>
        {
            var both = cell.Reference + cell.Chunk;
            var (expected, expectedChunk) = (both * n / (n + m), both * m / (n + m));
            return (Math.Pow(cell.Reference - expected, 2) / expected) + (Math.Pow(cell.Chunk - expectedChunk, 2) / expectedChunk);
        });
        return new DriftMeasure(statistic, 1 - ChiSquared.CDF(cells.Count - 1, statistic));
    }
}
