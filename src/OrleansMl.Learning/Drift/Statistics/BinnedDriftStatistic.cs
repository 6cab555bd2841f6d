namespace OrleansMl.Learning;

/// <summary>
/// A statistic fitted to a reference, with the chunk that is being collected: both as counts by bins, so that memory does
/// not grow with the chunk. PSI, χ², Jensen–Shannon and Hellinger are those of <see cref="DriftStatistic"/> exactly.
/// Kolmogorov–Smirnov is taken at the bounds of 100 bins of equal mass, so at most 0.01 below the exact distance;
/// Wasserstein takes each bin as its mean.
/// </summary>
public sealed class BinnedDriftStatistic
{
    private const int FineBins = 100;

    private readonly ReferenceBins _bins;
    private readonly int[] _counts;

    /// <summary>Means of the reference by bin, and sums of the chunk: for Wasserstein only.</summary>
    private readonly double[]? _means;
    private readonly double[]? _sums;

    /// <param name="kind">The statistic.</param>
    /// <param name="reference">At least 2 finite values, in any order.</param>
    /// <exception cref="ArgumentException">Too few values, or one that is not finite.</exception>
    public BinnedDriftStatistic(DriftStatisticKind kind, ReadOnlySpan<double> reference)
    {
        if (reference.Length < 2)
            throw new ArgumentException($"A reference needs at least 2 values, not {reference.Length}.", nameof(reference));
        Inputs.RequireFinite(reference, nameof(reference));
        var sorted = reference.ToArray();
        Array.Sort(sorted);
        Kind = kind;
        _bins = kind switch
        {
            DriftStatisticKind.Psi or DriftStatisticKind.ChiSquare => ReferenceBins.Deciles(sorted),
            DriftStatisticKind.JensenShannon or DriftStatisticKind.Hellinger => ReferenceBins.Doane(sorted),
            _ => ReferenceBins.Quantiles(sorted, FineBins),
        };
        _counts = new int[_bins.Reference.Length];
        if (kind != DriftStatisticKind.Wasserstein)
            return;
        (_means, _sums) = (new double[_counts.Length], new double[_counts.Length]);
        foreach (var value in sorted)
            _means[_bins.BinOf(value)] += value;
        for (var bin = 0; bin < _means.Length; bin++)
            _means[bin] /= Math.Max(1, _bins.Reference[bin]);
    }

    private BinnedDriftStatistic(DriftStatisticKind kind, ReferenceBins bins, double[]? means)
    {
        (Kind, _bins, _means) = (kind, bins, means);
        _counts = new int[bins.Reference.Length];
        _sums = means is null ? null : new double[_counts.Length];
    }

    public DriftStatisticKind Kind { get; }

    /// <summary>Values of the chunk so far.</summary>
    public int Count { get; private set; }

    /// <summary>Values of the reference.</summary>
    public int ReferenceCount => _bins.ReferenceCount;

    public DriftHistogram Reference => new([.. _bins.Edges], [.. _bins.Reference], _bins.IsDiscrete);

    public DriftHistogram Chunk => new([.. _bins.Edges], [.. _counts], _bins.IsDiscrete);

    /// <summary>Counts the next value of the chunk.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "A statistic takes finite numbers.");
        var bin = _bins.BinOf(value);
        _counts[bin]++;
        if (_sums is not null)
            _sums[bin] += value;
        Count++;
    }

    /// <summary>How far the chunk lies from the reference.</summary>
    /// <exception cref="InvalidOperationException">The chunk is empty.</exception>
    public DriftMeasure Measure()
    {
        if (Count == 0)
            throw new InvalidOperationException("A chunk needs at least one value.");
        return Kind switch
        {
            DriftStatisticKind.KolmogorovSmirnov => BinStatistics.KolmogorovSmirnov(LargestGap(), _bins.ReferenceCount, Count),
            DriftStatisticKind.Wasserstein => new DriftMeasure(Area()),
            _ => BinStatistics.Measure(Kind, _bins.Reference, _bins.ReferenceCount, _counts, Count),
        };
    }

    /// <summary>Begins the next chunk.</summary>
    public void Clear()
    {
        Count = 0;
        Array.Clear(_counts);
        if (_sums is not null)
            Array.Clear(_sums);
    }

    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write((byte)Kind);
        _bins.Write(writer);
        foreach (var count in _counts)
            writer.Write(count);
        for (var bin = 0; bin < _sums?.Length; bin++)
        {
            writer.Write(_means![bin]);
            writer.Write(_sums[bin]);
        }
    }

    /// <summary>Brings back what <see cref="Write"/> wrote.</summary>
    public static BinnedDriftStatistic Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var kind = (DriftStatisticKind)reader.ReadByte();
        var bins = ReferenceBins.Read(reader);
        var statistic = new BinnedDriftStatistic(kind, bins, kind == DriftStatisticKind.Wasserstein ? new double[bins.Reference.Length] : null);
        for (var bin = 0; bin < statistic._counts.Length; bin++)
            statistic.Count += statistic._counts[bin] = reader.ReadInt32();
        for (var bin = 0; bin < statistic._sums?.Length; bin++)
            (statistic._means![bin], statistic._sums[bin]) = (reader.ReadDouble(), reader.ReadDouble());
        return statistic;
    }

    /// <summary>A value that the reference does not know may lie anywhere: it is a gap at the end of the order.</summary>
    private double LargestGap()
    {
        double largest = 0;
        long reference = 0, chunk = 0;
        for (var bin = 0; bin < _counts.Length; bin++)
        {
            (reference, chunk) = (reference + _bins.Reference[bin], chunk + _counts[bin]);
            largest = Math.Max(largest, Math.Abs(((double)reference / _bins.ReferenceCount) - ((double)chunk / Count)));
        }

        return largest;
    }

    /// <summary>∫ |F − G| of the two samples with each bin's rows at their mean.</summary>
    private double Area()
    {
        var atoms = new List<(double Place, double Mass)>(2 * _counts.Length);
        for (var bin = 0; bin < _counts.Length; bin++)
        {
            if (_bins.Reference[bin] > 0)
                atoms.Add((_means![bin], (double)_bins.Reference[bin] / _bins.ReferenceCount));
            if (_counts[bin] > 0)
                atoms.Add((_sums![bin] / _counts[bin], -(double)_counts[bin] / Count));
        }

        atoms.Sort((a, b) => a.Place.CompareTo(b.Place));
        double area = 0, difference = 0, before = atoms[0].Place;
        foreach (var (place, mass) in atoms)
        {
            area += Math.Abs(difference) * (place - before);
            (difference, before) = (difference + mass, place);
        }

        return area;
    }
}
