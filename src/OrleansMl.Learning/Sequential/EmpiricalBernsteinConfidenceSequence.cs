namespace OrleansMl.Learning;

/// <summary>
/// Confidence bounds of the mean of bounded values that hold at all times together, for any distribution and from the
/// first value on (empirical Bernstein with a stitched boundary, Howard, Ramdas, McAuliffe and Sekhon 2021). With values
/// scaled to [0, 1], S their sum and v = max(1, Σ(x_i − x̂_{i−1})²), x̂_i = (S_i + ½)/(i + 1):
/// lower = (S − sqrt(γ₁²·l·v + γ₂²·l²) − γ₂·l)/n, l = s·ln(ln(ηv)/ln η + 1) + ln(ζ(s)/α′), γ₁ = (η^¼ + η^−¼)/√2,
/// γ₂ = (√η + 1)/2, η = s = 1.1; α′ is α/2 for two sides. The upper bound by reflection. Wider than
/// <see cref="AsymptoticConfidenceSequence"/>, which holds only in the limit.
/// </summary>
public sealed class EmpiricalBernsteinConfidenceSequence : IConfidenceSequence
{
    private const string Kind = "empirical_bernstein_confidence_sequence";
    private const byte Version = 1;
    private const double Eta = 1.1;
    private const double Zeta = 10.584448464950801; // ζ(1.1)

    private static readonly double _gamma1 = (Math.Pow(Eta, 0.25) + Math.Pow(Eta, -0.25)) / Math.Sqrt(2);
    private static readonly double _gamma2 = (Math.Sqrt(Eta) + 1) / 2;

    private double _sum;
    private double _squares;

    /// <param name="alpha">Probability, in (0, 0.5), that the bounds ever fail.</param>
    /// <param name="minimum">Least value that can come.</param>
    /// <param name="maximum">Largest value that can come, above <paramref name="minimum"/>; of differences of losses in [0, 1]: −1 and 1.</param>
    /// <param name="sides">One or two.</param>
    public EmpiricalBernsteinConfidenceSequence(double alpha, double minimum, double maximum, BoundSides sides = BoundSides.Two)
    {
        if (!(alpha is > 0 and < 0.5))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "alpha must be in (0, 0.5).");
        if (!double.IsFinite(minimum))
            throw new ArgumentOutOfRangeException(nameof(minimum), minimum, "The least value must be finite.");
        if (!(double.IsFinite(maximum - minimum) && maximum > minimum))
            throw new ArgumentOutOfRangeException(nameof(maximum), maximum, $"The largest value must be finite and above {minimum}.");
        (Alpha, Minimum, Maximum, Sides) = (alpha, minimum, maximum, sides);
    }

    public double Alpha { get; }

    public double Minimum { get; }

    public double Maximum { get; }

    public BoundSides Sides { get; }

    /// <summary>n.</summary>
    public long Count { get; private set; }

    /// <summary>NaN before the first value.</summary>
    public double Mean => Minimum + (_sum / Count * (Maximum - Minimum));

    /// <summary><see cref="Minimum"/> while nothing better is known.</summary>
    public double Lower => Minimum + (Bound(_sum) * (Maximum - Minimum));

    /// <summary><see cref="Maximum"/> while nothing better is known.</summary>
    public double Upper => Maximum - (Bound(Count - _sum) * (Maximum - Minimum));

    /// <summary>Takes one value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [<see cref="Minimum"/>, <see cref="Maximum"/>]: the bounds would be void.</exception>
    public void Add(double value)
    {
        if (!(value >= Minimum && value <= Maximum))
            throw new ArgumentOutOfRangeException(nameof(value), value, $"A value must be in [{Minimum}, {Maximum}]; widen the bounds or clip.");
        var scaled = (value - Minimum) / (Maximum - Minimum);
        var error = scaled - ((_sum + 0.5) / (Count + 1));
        _squares += error * error;
        _sum += scaled;
        Count++;
    }

    /// <summary>Versioned bytes; <see cref="Restore"/> goes on bit for bit.</summary>
    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        writer.Write(Alpha);
        writer.Write(Minimum);
        writer.Write(Maximum);
        writer.Write((byte)Sides);
        writer.Write(Count);
        writer.Write(_sum);
        writer.Write(_squares);
    });

    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static EmpiricalBernsteinConfidenceSequence Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (kind, version, reader) => (kind, version) is (Kind, Version)
        ? new EmpiricalBernsteinConfidenceSequence(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), (BoundSides)reader.ReadByte())
        {
            Count = reader.ReadInt64(),
            _sum = reader.ReadDouble(),
            _squares = reader.ReadDouble(),
        }
        : throw new LearnerException($"The saved state is {kind} of version {version}, not {Kind} of version {Version}."));

    private double Bound(double sum)
    {
        if (Count == 0)
            return 0;
        var v = Math.Max(1, _squares);
        var l = (Eta * Math.Log((Math.Log(Eta * v) / Math.Log(Eta)) + 1)) + Math.Log(Zeta / (Sides == BoundSides.Two ? Alpha / 2 : Alpha));
        return Math.Clamp((sum - Math.Sqrt((_gamma1 * _gamma1 * l * v) + (_gamma2 * _gamma2 * l * l)) - (_gamma2 * l)) / Count, 0, 1);
    }
}
