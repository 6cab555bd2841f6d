namespace OrleansMl.Learning;

/// <summary>
/// Page-Hinkley (Page 1954), both ways: S± ← αS± + x − x̄ ∓ δ; alarms where S⁺ stands more than λ above its minimum, or
/// S⁻ more than λ below its maximum. λ is in the unit of the values: 50 suits errors and losses of about 1.
/// </summary>
public sealed class PageHinkleyDetector : DriftDetector
{
    public const string Name = "page_hinkley";

    private double _mean;
    private double _rise;
    private double _fall;
    private double _lowest = double.PositiveInfinity;
    private double _highest = double.NegativeInfinity;

    /// <param name="delta">Change that is tolerated, ≥ 0.</param>
    /// <param name="threshold">λ &gt; 0.</param>
    /// <param name="alpha">Fading of the sums, in (0, 1].</param>
    /// <param name="minimumCount">No alarm before, ≥ 1.</param>
    public PageHinkleyDetector(double delta = 0.005, double threshold = 50, double alpha = 0.9999, int minimumCount = 30)
        : base(Name)
    {
        if (!(delta >= 0 && double.IsFinite(delta)))
            throw new ArgumentOutOfRangeException(nameof(delta), delta, "delta must be finite and not negative.");
        (Delta, Threshold, Alpha, MinimumCount) = (delta, Within(threshold, nameof(threshold), 0, double.MaxValue), Within(alpha, nameof(alpha), 0, 1), AtLeast(minimumCount, nameof(minimumCount), 1));
    }

    public double Delta { get; }

    public double Threshold { get; }

    public double Alpha { get; }

    public int MinimumCount { get; }

    private protected override void Step(double value)
    {
        _mean += 1.0 / Count * (value - _mean);
        _rise = (Alpha * _rise) + (value - _mean) - Delta;
        _fall = (Alpha * _fall) + (value - _mean) + Delta;
        _lowest = Math.Min(_lowest, _rise);
        _highest = Math.Max(_highest, _fall);
        Reading = new DriftReading(Math.Max(_rise - _lowest, _highest - _fall), Threshold);
        InDrift = Count >= MinimumCount && Reading.Value > Threshold;
    }

    private protected override void Clear() => (_mean, _rise, _fall, _lowest, _highest) = (0, 0, 0, double.PositiveInfinity, double.NegativeInfinity);

    private protected override void WriteOptions(BinaryWriter writer)
    {
        writer.Write(Delta);
        writer.Write(Threshold);
        writer.Write(Alpha);
        writer.Write(MinimumCount);
    }

    private protected override void WriteState(BinaryWriter writer)
    {
        foreach (var value in new[] { _mean, _rise, _fall, _lowest, _highest })
            writer.Write(value);
    }

    private protected override void ReadState(BinaryReader reader)
        => (_mean, _rise, _fall, _lowest, _highest) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
}
