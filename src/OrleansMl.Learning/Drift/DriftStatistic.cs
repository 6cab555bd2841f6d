using System.Collections.Immutable;
using MathNet.Numerics.Distributions;

namespace OrleansMl.Learning;

/// <summary>A statistic fitted to a reference sample; immutable. Categories are given as numbers (a code for each).</summary>
public sealed class DriftStatistic
{
    private const double EmptyBin = 1e-4;
    private const double MinExpected = 5;

    private readonly ReferenceBins? _bins;

    /// <param name="reference">At least 2 finite values.</param>
    public DriftStatistic(DriftStatisticKind kind, ReadOnlySpan<double> reference)
    {
        if (!Enum.IsDefined(kind))
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such statistic.");
        if (reference.Length < 2)
            throw new ArgumentException($"A reference needs at least 2 values, not {reference.Length}.", nameof(reference));
        Inputs.RequireFinite(reference, nameof(reference));
        var sorted = reference.ToArray();
        Array.Sort(sorted);
        (Kind, Reference) = (kind, ImmutableArray.Create(sorted));
        _bins = kind switch
        {
            DriftStatisticKind.Psi or DriftStatisticKind.ChiSquare => ReferenceBins.Deciles(sorted),
            DriftStatisticKind.JensenShannon or DriftStatisticKind.Hellinger => ReferenceBins.Doane(sorted),
            _ => null,
        };
    }

    public DriftStatisticKind Kind { get; }

    /// <summary>The reference, ascending.</summary>
    public ImmutableArray<double> Reference { get; }

    /// <summary>Compares a chunk with the reference.</summary>
    /// <exception cref="ArgumentException">No value, or one that is not finite.</exception>
    public DriftMeasure Measure(ReadOnlySpan<double> chunk)
    {
        if (chunk.IsEmpty)
            throw new ArgumentException("A chunk needs at least one value.", nameof(chunk));
        Inputs.RequireFinite(chunk, nameof(chunk));
        var sorted = chunk.ToArray();
        Array.Sort(sorted);
        return Kind switch
        {
            DriftStatisticKind.Psi => new DriftMeasure(Sum(_bins!, sorted, (r, c) => (Math.Max(c, EmptyBin) - Math.Max(r, EmptyBin)) * Math.Log(Math.Max(c, EmptyBin) / Math.Max(r, EmptyBin)))),
            DriftStatisticKind.ChiSquare => ChiSquare(_bins!, sorted),
            DriftStatisticKind.JensenShannon => new DriftMeasure(Math.Sqrt(Math.Max(0, Sum(_bins!, sorted, (r, c) => (Divergence(r, (r + c) / 2) + Divergence(c, (r + c) / 2)) / 2)))),
            DriftStatisticKind.Hellinger => new DriftMeasure(Math.Sqrt(Math.Max(0, 1 - Sum(_bins!, sorted, (r, c) => Math.Sqrt(r * c))))),
            DriftStatisticKind.Wasserstein => new DriftMeasure(EmpiricalDistance.Wasserstein(Reference.AsSpan(), sorted)),
            _ => KolmogorovSmirnov(sorted),
        };
    }

    private static double Sum(ReferenceBins bins, double[] sorted, Func<double, double, double> term)
    {
        var counts = bins.Counts(sorted);
        return counts.Select((count, bin) => term((double)bins.Reference[bin] / bins.ReferenceCount, (double)count / sorted.Length)).Sum();
    }

    private static double Divergence(double p, double q) => p > 0 ? p * Math.Log2(p / q) : 0;

    private static DriftMeasure ChiSquare(ReferenceBins bins, double[] sorted)
    {
        var counts = bins.Counts(sorted);
        var (n, m) = ((double)bins.ReferenceCount, (double)sorted.Length);
        var least = Math.Min(n, m) / (n + m);
        var cells = new List<(double Reference, double Chunk)>();
        double reference = 0, chunk = 0;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            (reference, chunk) = (reference + bins.Reference[bin], chunk + counts[bin]);
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

    /// <summary>p = 2 Σ (−1)^{k−1} exp(−2k²λ²), λ = D sqrt(nm/(n + m)) (Kolmogorov 1933).</summary>
    private DriftMeasure KolmogorovSmirnov(double[] sorted)
    {
        var distance = EmpiricalDistance.KolmogorovSmirnov(Reference.AsSpan(), sorted);
        var (n, m) = ((double)Reference.Length, (double)sorted.Length);
        var lambda = distance * Math.Sqrt(n * m / (n + m));
        if (lambda < 0.2)
            return new DriftMeasure(distance, 1); // 1 − p is below 1e-12 there, and the series converges badly
        double sum = 0;
        for (var k = 1; k <= 100; k++)
            sum += (k % 2 == 1 ? 2 : -2) * Math.Exp(-2 * k * k * lambda * lambda);
        return new DriftMeasure(distance, Math.Clamp(sum, 0, 1));
    }
}
