namespace OrleansMl.Learning;

/// <summary>
/// Confidence bounds of a mean that hold at all times together, so that one may look after every value and stop at will
/// (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence
/// sequences"): mean ± σ̂ · sqrt(2(nρ² + 1)/(n²ρ²) · ln(sqrt(nρ² + 1)/α)). With one side the logarithm is
/// ln(1 + sqrt(nρ² + 1)/(2α)). Asymptotic: before <see cref="MinimumCount"/> values the bounds are infinite.
/// </summary>
public sealed class AsymptoticConfidenceSequence : IConfidenceSequence
{
    /// <summary>Fewer values than this give a σ̂ too rough for the limit theorem.</summary>
    public const int DefaultMinimumCount = 30;

    private const string Kind = "asymptotic_confidence_sequence";
    private const byte Version = 1;

    private readonly double _rhoSquared;
    private double _mean;
    private double _squares;

    /// <param name="alpha">Probability, in (0, 0.5), that the bounds ever fail.</param>
    /// <param name="targetCount">n at which the bounds are tightest, ≥ 1.</param>
    /// <param name="sides">One or two.</param>
    /// <param name="minimumCount">≥ 2.</param>
    public AsymptoticConfidenceSequence(double alpha, long targetCount = 1000, BoundSides sides = BoundSides.Two, int minimumCount = DefaultMinimumCount)
    {
        if (!(alpha is > 0 and < 0.5))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "alpha must be in (0, 0.5).");
        ArgumentOutOfRangeException.ThrowIfLessThan(targetCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumCount, 2);
        (Alpha, TargetCount, Sides, MinimumCount) = (alpha, targetCount, sides, minimumCount);

        // The minimum of the width over ρ² at n = targetCount; a one-sided sequence of level α is about a two-sided one of 2α.
        var logarithm = -2 * Math.Log(sides == BoundSides.Two ? alpha : 2 * alpha);
        _rhoSquared = (logarithm + Math.Log(logarithm + 1)) / targetCount;
    }

    public double Alpha { get; }

    public long TargetCount { get; }

    public BoundSides Sides { get; }

    public int MinimumCount { get; }

    /// <summary>n.</summary>
    public long Count { get; private set; }

    /// <summary>NaN before the first value.</summary>
    public double Mean => Count > 0 ? _mean : double.NaN;

    /// <summary>Population variance, by Welford's recurrence; NaN before the first value.</summary>
    public double Variance => _squares / Count;

    /// <summary>Half of the interval's width; +∞ before <see cref="MinimumCount"/> values.</summary>
    public double HalfWidth
    {
        get
        {
            if (Count < MinimumCount)
                return double.PositiveInfinity;
            var spread = (Count * _rhoSquared) + 1;
            var logarithm = Sides == BoundSides.Two
                ? Math.Log(Math.Sqrt(spread) / Alpha)
                : Math.Log(1 + (Math.Sqrt(spread) / (2 * Alpha)));
            return Math.Sqrt(Variance) * Math.Sqrt(2 * spread / ((double)Count * Count * _rhoSquared) * logarithm);
        }
    }

    /// <summary>−∞ before <see cref="MinimumCount"/> values.</summary>
    public double Lower => double.IsInfinity(HalfWidth) ? double.NegativeInfinity : _mean - HalfWidth;

    /// <summary>+∞ before <see cref="MinimumCount"/> values.</summary>
    public double Upper => double.IsInfinity(HalfWidth) ? double.PositiveInfinity : _mean + HalfWidth;

    /// <summary>Takes one difference, for instance champion's loss − candidate's loss on the same row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "A difference must be finite.");
        Count++;
        var before = value - _mean;
        _mean += before / Count;
        _squares += before * (value - _mean);
    }

    /// <summary>Versioned bytes; <see cref="Restore"/> goes on bit for bit.</summary>
    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        writer.Write(Alpha);
        writer.Write(TargetCount);
        writer.Write((byte)Sides);
        writer.Write(MinimumCount);
        writer.Write(Count);
        writer.Write(_mean);
        writer.Write(_squares);
    });

    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static AsymptoticConfidenceSequence Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (kind, version, reader) => (kind, version) is (Kind, Version)
        ? new AsymptoticConfidenceSequence(reader.ReadDouble(), reader.ReadInt64(), (BoundSides)reader.ReadByte(), reader.ReadInt32())
        {
            Count = reader.ReadInt64(),
            _mean = reader.ReadDouble(),
            _squares = reader.ReadDouble(),
        }
        : throw new LearnerException($"The saved state is {kind} of version {version}, not {Kind} of version {Version}."));
}
