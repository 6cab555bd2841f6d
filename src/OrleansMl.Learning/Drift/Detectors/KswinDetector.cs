namespace OrleansMl.Learning;

/// <summary>
/// KSWIN (Raab, Heusinger and Schleif 2020): the newest r values against r drawn from the rest of a window; alarms where
/// their Kolmogorov–Smirnov distance exceeds sqrt(−ln α/r). It sees any change of the distribution, not only of the mean.
/// </summary>
public sealed class KswinDetector : DriftDetector
{
    public const string Name = "kswin";

    private readonly Queue<double> _window = new();
    private SplitMix64 _random;

    /// <param name="alpha">In (0, 1); tested at every value, so keep it far below 0.01.</param>
    /// <param name="window">Values kept, ≥ 2r.</param>
    /// <param name="recent">r ≥ 2.</param>
    /// <param name="seed">Of the draws.</param>
    public KswinDetector(double alpha = 0.0001, int window = 300, int recent = 30, long seed = 1)
        : base(Name)
    {
        (Alpha, Recent, Window, Seed) = (Within(alpha, nameof(alpha), 0, 1), AtLeast(recent, nameof(recent), 2), AtLeast(window, nameof(window), 2 * recent), seed);
        _random = SplitMix64.For((ulong)seed, 0);
    }

    public double Alpha { get; }

    public int Window { get; }

    public int Recent { get; }

    public long Seed { get; }

    private protected override void Step(double value)
    {
        _window.Enqueue(value);
        if (_window.Count > Window)
            _window.Dequeue();
        if (_window.Count < Window)
            return;
        var values = _window.ToArray();
        var old = values.AsSpan(0, Window - Recent);

        // A partial Fisher–Yates draw: the first r places, without replacement.
        for (var i = 0; i < Recent; i++)
        {
            var j = i + _random.Next(old.Length - i);
            (old[i], old[j]) = (old[j], old[i]);
        }

        var drawn = old[..Recent];
        var newest = values.AsSpan(Window - Recent);
        drawn.Sort();
        newest.Sort();
        Reading = new DriftReading(EmpiricalDistance.KolmogorovSmirnov(drawn, newest), Math.Sqrt(-Math.Log(Alpha) / Recent));
        InDrift = Reading.Value > Reading.Limit;
    }

    private protected override void Clear() => _window.Clear();

    private protected override void WriteOptions(BinaryWriter writer)
    {
        writer.Write(Alpha);
        writer.Write(Window);
        writer.Write(Recent);
        writer.Write(Seed);
    }

    private protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_random.State);
        writer.Write(_window.Count);
        foreach (var value in _window)
            writer.Write(value);
    }

    private protected override void ReadState(BinaryReader reader)
    {
        _random = new SplitMix64(reader.ReadUInt64());
        for (var left = reader.ReadInt32(); left > 0; left--)
            _window.Enqueue(reader.ReadDouble());
    }
}
