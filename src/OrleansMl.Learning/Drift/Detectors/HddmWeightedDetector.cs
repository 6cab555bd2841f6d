namespace OrleansMl.Learning;

/// <summary>
/// HDDM-W (Frías-Blanco and others 2015): as <see cref="HddmAverageDetector"/>, with exponentially weighted means and
/// McDiarmid's bound: quicker for abrupt changes. As published with one side: it sees rises only.
/// </summary>
public sealed class HddmWeightedDetector : DriftDetector
{
    public const string Name = "hddm_w";

    private Weighted _all = Weighted.Empty;
    private Weighted _before = Weighted.Empty;
    private Weighted _after = Weighted.Empty;
    private double _cut = double.PositiveInfinity;

    /// <param name="drift">Confidence of the alarm, in (0, 1].</param>
    /// <param name="warning">Confidence of the warning, in (0, 1].</param>
    /// <param name="lambda">Weight of the newest value, in (0, 1].</param>
    public HddmWeightedDetector(double drift = 0.001, double warning = 0.005, double lambda = 0.05)
        : base(Name)
        => (Drift, Warning, Lambda) = (Within(drift, nameof(drift), 0, 1), Within(warning, nameof(warning), 0, 1), Within(lambda, nameof(lambda), 0, 1));

    public double Drift { get; }

    public double Warning { get; }

    public double Lambda { get; }

    private protected override bool Accepts(double value) => value is 0 or 1;

    private protected override void Step(double value)
    {
        _all = _all.With(value, Lambda);
        var upper = _all.Mean + Bound(_all.Squares, Drift);
        if (upper < _cut)
            (_cut, _before, _after) = (upper, _all, Weighted.Empty);
        else
            _after = _after.With(value, Lambda);
        Reading = new DriftReading(_after.Mean - _before.Mean, Bound(_before.Squares + _after.Squares, Drift));
        InDrift = Rose(Drift);
        InWarning = !InDrift && Rose(Warning);
    }

    private protected override void Clear() => (_all, _before, _after, _cut) = (Weighted.Empty, Weighted.Empty, Weighted.Empty, double.PositiveInfinity);

    private protected override void WriteOptions(BinaryWriter writer)
    {
        writer.Write(Drift);
        writer.Write(Warning);
        writer.Write(Lambda);
    }

    private protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_cut);
        foreach (var part in new[] { _all, _before, _after })
        {
            writer.Write(part.Count);
            writer.Write(part.Mean);
            writer.Write(part.Squares);
        }
    }

    private protected override void ReadState(BinaryReader reader)
    {
        _cut = reader.ReadDouble();
        (_all, _before, _after) = (Part(), Part(), Part());

        Weighted Part() => new(reader.ReadInt64(), reader.ReadDouble(), reader.ReadDouble());
    }

    private static double Bound(double squares, double confidence) => Math.Sqrt(squares * Math.Log(1 / confidence) / 2);

    private bool Rose(double confidence)
        => _before.Count > 0 && _after.Count > 0 && _after.Mean - _before.Mean > Bound(_before.Squares + _after.Squares, confidence);

    /// <summary>An exponentially weighted mean and the sum of its squared weights.</summary>
    private readonly record struct Weighted(long Count, double Mean, double Squares)
    {
        public static Weighted Empty { get; } = new(0, 0, 1);

        public Weighted With(double value, double lambda)
            => new(Count + 1, Count == 0 ? value : (lambda * value) + ((1 - lambda) * Mean), (lambda * lambda) + ((1 - lambda) * (1 - lambda) * Squares));
    }
}
