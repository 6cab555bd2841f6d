using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A statistic fitted to a reference sample; immutable. Categories are given as numbers (a code for each).</summary>
public sealed class DriftStatistic
{
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
            DriftStatisticKind.Wasserstein => new DriftMeasure(EmpiricalDistance.Wasserstein(Reference.AsSpan(), sorted)),
            DriftStatisticKind.KolmogorovSmirnov => BinStatistics.KolmogorovSmirnov(EmpiricalDistance.KolmogorovSmirnov(Reference.AsSpan(), sorted), Reference.Length, sorted.Length),
            _ => BinStatistics.Measure(Kind, _bins!.Reference, _bins.ReferenceCount, _bins.Counts(sorted), sorted.Length),
        };
    }
}
