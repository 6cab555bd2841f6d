using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Monitoring;

/// <summary>One series against its reference: counts by bins, moments, the threshold if it is the series' own.</summary>
internal sealed class WatchedSeries
{
    /// <summary>Fewer values say nothing about a distribution.</summary>
    private const int LeastValues = 10;

    private readonly BinnedDriftStatistic _statistic;
    private readonly CategoryCodes? _codes;
    private Moments _reference;
    private Moments _chunk;

    private WatchedSeries(BinnedDriftStatistic statistic, CategoryCodes? codes) => (_statistic, _codes) = (statistic, codes);

    /// <summary>Above it the value is drift; null where a p-value decides.</summary>
    public double? Limit { get; private set; }

    /// <summary>Chunks in a row past the threshold.</summary>
    public int Past { get; set; }

    /// <summary>Enough values have come in this chunk.</summary>
    public bool IsJudged => _statistic.Count >= LeastValues;

    /// <summary>Null: the reference has too few values to be compared with.</summary>
    public static WatchedSeries? Fit(MonitorDefinition monitor, ReferenceSample sample, int series, CategoryCodes? codes)
    {
        var values = sample.Of(series);
        if (values.Length < LeastValues)
            return null;
        var watched = new WatchedSeries(new BinnedDriftStatistic(monitor.Statistic!.Value, values), codes) { Limit = monitor.Threshold.Constant };
        foreach (var value in values)
            watched._reference.Add(value);
        if (monitor.Threshold.Deviations is { } deviations)
            watched.Limit = watched.Usual(monitor.Chunk.Rows!.Value, sample, series, deviations);
        return watched;
    }

    public void Add(double value)
    {
        _statistic.Add(value);
        _chunk.Add(value);
    }

    public DriftMeasure Measure() => _statistic.Measure();

    /// <summary>Begins the next chunk.</summary>
    public void Clear()
    {
        _statistic.Clear();
        _chunk = default;
    }

    public DriftEvidence Evidence(string name, DriftMeasure measure, double? corrected, bool isPast) => new()
    {
        Series = name,
        Statistic = measure.Value,
        Threshold = Limit,
        PValue = measure.PValue,
        CorrectedPValue = corrected,
        IsPast = isPast,
        Reference = _reference.Summary(Bins(_statistic.Reference)),
        Current = _chunk.Summary(Bins(_statistic.Chunk)),
    };

    public void Write(BinaryWriter writer)
    {
        _statistic.Write(writer);
        _reference.Write(writer);
        _chunk.Write(writer);
        writer.Write(Limit ?? double.NaN);
        writer.Write(Past);
    }

    public static WatchedSeries Read(BinaryReader reader, CategoryCodes? codes)
    {
        var watched = new WatchedSeries(BinnedDriftStatistic.Read(reader), codes) { _reference = Moments.Read(reader), _chunk = Moments.Read(reader) };
        watched.Limit = reader.ReadDouble() is var limit && double.IsNaN(limit) ? null : limit;
        watched.Past = reader.ReadInt32();
        return watched;
    }

    /// <summary>Mean and deviations of the statistic over the reference's own chunks: what is usual there is no alarm.</summary>
    private double Usual(int chunk, ReferenceSample sample, int series, double deviations)
    {
        var values = new List<double>();
        foreach (var rows in new Chunking(chunk).Split(sample.Count))
        {
            foreach (var value in sample.Of(series, rows))
                _statistic.Add(value);
            if (IsJudged)
                values.Add(_statistic.Measure().Value);
            _statistic.Clear();
        }

        if (values.Count == 0)
            return double.MaxValue;
        var mean = values.Average();
        return mean + (deviations * Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }

    private ImmutableArray<SummaryBin> Bins(DriftHistogram histogram)
    {
        var bins = ImmutableArray.CreateBuilder<SummaryBin>(histogram.Counts.Length);
        var (edges, last) = (histogram.Edges, histogram.Counts.Length - 1);
        for (var i = 0; i < last; i++)
        {
            bins.Add(histogram.IsDiscrete
                ? new SummaryBin(_codes is null ? edges[i] : null, _codes is null ? edges[i] : null, _codes?.NameOf(edges[i]), histogram.Counts[i])
                : new SummaryBin(Finite(edges[i]), Finite(edges[i + 1]), null, histogram.Counts[i]));
        }

        if (histogram.Counts[last] > 0)
            bins.Add(new SummaryBin(null, null, _codes is null ? null : "(unknown)", histogram.Counts[last]));
        return bins.ToImmutable();
    }

    private static double? Finite(double edge) => double.IsFinite(edge) ? edge : null;
}
