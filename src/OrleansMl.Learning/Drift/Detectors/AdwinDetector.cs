namespace OrleansMl.Learning;

/// <summary>
/// ADWIN (Bifet and Gavaldà 2007): a window that grows while its mean stands still, kept as an exponential histogram of
/// O(log n) buckets. It alarms where some cut parts two means by more than sqrt(2σ²δ'/m) + 2δ'/(3m), 1/m = 1/n₀ + 1/n₁,
/// δ' = ln(2 ln W/δ). It looks at every 32nd value, and shortens n₀ and n₁ by 4 as River does, whose alarms it repeats.
/// </summary>
public sealed class AdwinDetector : DriftDetector
{
    public const string Name = "adwin";
    public const double DefaultDelta = 0.002;
    public const int DefaultClock = 32;

    private const int MaxBuckets = 5;
    private const int MinLength = 5;
    private const int Grace = 10;

    /// <summary>Row r holds buckets of 2^r values, oldest first; the last row holds the oldest.</summary>
    private readonly List<List<Bucket>> _rows = [[]];
    private double _width;
    private double _total;
    private double _squares;

    /// <param name="delta">Bound of the probability of a false alarm per look, in (0, 1].</param>
    /// <param name="clock">Looks at every n-th value, ≥ 1.</param>
    public AdwinDetector(double delta = DefaultDelta, int clock = DefaultClock)
        : base(Name)
        => (Delta, Clock) = (Within(delta, nameof(delta), 0, 1), AtLeast(clock, nameof(clock), 1));

    public double Delta { get; }

    public int Clock { get; }

    /// <summary>Values in the window.</summary>
    public long Width => (long)_width;

    /// <summary>Of the window; NaN when empty.</summary>
    public double Mean => _total / _width;

    private protected override void Step(double value)
    {
        _rows[0].Add(new Bucket(value, 0));
        if (_width > 0)
            _squares += _width * Square(value - (_total / _width)) / (_width + 1);
        _width++;
        _total += value;
        Merge();
        if (Count % Clock != 0 || _width <= Grace)
            return;
        while (HasCut())
        {
            InDrift = true;
            DropOldest();
        }
    }

    private protected override void Clear()
    {
        _rows.Clear();
        _rows.Add([]);
        (_width, _total, _squares) = (0, 0, 0);
    }

    private protected override void WriteOptions(BinaryWriter writer)
    {
        writer.Write(Delta);
        writer.Write(Clock);
    }

    private protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_width);
        writer.Write(_total);
        writer.Write(_squares);
        writer.Write(_rows.Count);
        foreach (var row in _rows)
        {
            writer.Write(row.Count);
            foreach (var bucket in row)
            {
                writer.Write(bucket.Total);
                writer.Write(bucket.Squares);
            }
        }
    }

    private protected override void ReadState(BinaryReader reader)
    {
        (_width, _total, _squares) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        _rows.Clear();
        for (var rows = reader.ReadInt32(); rows > 0; rows--)
        {
            var row = new List<Bucket>();
            for (var buckets = reader.ReadInt32(); buckets > 0; buckets--)
                row.Add(new Bucket(reader.ReadDouble(), reader.ReadDouble()));
            _rows.Add(row);
        }
    }

    private static double Square(double value) => value * value;

    private static double Size(int row) => 1L << row;

    private void Merge()
    {
        for (var row = 0; row < _rows.Count && _rows[row].Count > MaxBuckets; row++)
        {
            if (row + 1 == _rows.Count)
                _rows.Add([]);
            var (first, second, size) = (_rows[row][0], _rows[row][1], Size(row));
            var between = Square((first.Total / size) - (second.Total / size)) * size / 2;
            _rows[row + 1].Add(new Bucket(first.Total + second.Total, first.Squares + second.Squares + between));
            _rows[row].RemoveRange(0, 2);
        }
    }

    private bool HasCut()
    {
        double old = 0, oldTotal = 0;
        var logarithm = Math.Log(2 * Math.Log(_width) / Delta);
        for (var row = _rows.Count - 1; row >= 0; row--)
        {
            foreach (var bucket in _rows[row])
            {
                old += Size(row);
                oldTotal += bucket.Total;
                var recent = _width - old;
                if (recent < MinLength)
                    return false;
                if (old < MinLength)
                    continue;
                var harmonic = (1 / (old - MinLength + 1)) + (1 / (recent - MinLength + 1));
                var reach = Math.Sqrt(2 * harmonic * (_squares / _width) * logarithm) + (2.0 / 3 * logarithm * harmonic);
                var apart = Math.Abs((oldTotal / old) - ((_total - oldTotal) / recent));
                if (!(apart > reach))
                    continue;

                // The first cut of a look says most: those that follow it are between what is left.
                if (!InDrift)
                    Reading = new DriftReading(apart, reach);
                return true;
            }
        }

        return false;
    }

    private void DropOldest()
    {
        var (row, size) = (_rows[^1], Size(_rows.Count - 1));
        var oldest = row[0];
        row.RemoveAt(0);
        _width -= size;
        _total -= oldest.Total;
        _squares -= oldest.Squares + (size * _width * Square((oldest.Total / size) - (_total / _width)) / (size + _width));
        if (row.Count == 0 && _rows.Count > 1)
            _rows.RemoveAt(_rows.Count - 1);
    }

    private readonly record struct Bucket(double Total, double Squares);
}
