using System.Collections.Immutable;

namespace OrleansMl.Monitoring;

/// <summary>Count, mean, variance and range of values that come one by one (Welford 1962), or of two samples together (Chan and others 1979).</summary>
internal struct Moments
{
    private double _mean;
    private double _squares;
    private double _min;
    private double _max;

    public long Count { get; private set; }

    public void Add(double value)
    {
        (_min, _max) = Count == 0 ? (value, value) : (Math.Min(_min, value), Math.Max(_max, value));
        Count++;
        var before = value - _mean;
        _mean += before / Count;
        _squares += before * (value - _mean);
    }

    public void Add(in Moments other)
    {
        if (other.Count == 0)
            return;
        if (Count == 0)
        {
            this = other;
            return;
        }

        var (count, apart) = (Count + other.Count, other._mean - _mean);
        _squares += other._squares + (apart * apart * Count * other.Count / count);
        _mean += apart * other.Count / count;
        (_min, _max, Count) = (Math.Min(_min, other._min), Math.Max(_max, other._max), count);
    }

    public readonly SampleSummary Summary(ImmutableArray<SummaryBin> bins = default) => new()
    {
        Count = Count,
        Mean = Count == 0 ? null : _mean,
        StandardDeviation = Count == 0 ? null : Math.Sqrt(_squares / Count),
        Min = Count == 0 ? null : _min,
        Max = Count == 0 ? null : _max,
        Bins = bins.IsDefault ? [] : bins,
    };

    public readonly void Write(BinaryWriter writer)
    {
        writer.Write(Count);
        writer.Write(_mean);
        writer.Write(_squares);
        writer.Write(_min);
        writer.Write(_max);
    }

    public static Moments Read(BinaryReader reader) => new()
    {
        Count = reader.ReadInt64(),
        _mean = reader.ReadDouble(),
        _squares = reader.ReadDouble(),
        _min = reader.ReadDouble(),
        _max = reader.ReadDouble(),
    };
}
