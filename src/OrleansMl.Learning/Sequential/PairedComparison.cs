using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// Two models on the same rows, one after another: differences of their losses in a confidence sequence, over all rows and
/// for each slice. May be looked at after every row.
/// </summary>
/// <remarks>
/// Over all rows each bound alone holds with probability 1 − α: "better" and "worse" are each wrong with probability α at
/// most. A slice has α / <see cref="MaxSlices"/> (Bonferroni over all that can ever be followed, so that it does not matter
/// which come when): that any slice is called worse that is not has probability α at most. A slice that has no place yet takes
/// that of the smallest one which no bound was read of (<see cref="MinSliceCount"/>); where all have been read, it is left out.
/// What was left out is named, so that it is not taken for unharmed.
/// </remarks>
public sealed class PairedComparison
{
    /// <summary>Slices that are followed at once, and that share the level.</summary>
    public const int MaxSlices = 32;

    /// <summary>Rows of a slice before its bounds are read.</summary>
    public const int MinSliceCount = AsymptoticConfidenceSequence.DefaultMinimumCount;

    /// <summary>Names of slices left out that are kept.</summary>
    private const int MaxDropped = 16;

    private const string Kind = "paired_comparison";
    private const byte Version = 1;

    private readonly IConfidenceSequence _all;
    private readonly SortedDictionary<string, IConfidenceSequence> _slices = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _dropped = new(StringComparer.Ordinal);

    /// <param name="test">Which sequence.</param>
    /// <param name="alpha">Level, in (0, 0.5).</param>
    /// <param name="targetCount">Rows at which the asymptotic bounds are tightest, ≥ 1.</param>
    /// <param name="range">Largest absolute difference that can come; only empirical Bernstein asks for it.</param>
    public PairedComparison(SequentialTest test, double alpha, long targetCount, double range = 1)
        : this(test, alpha, targetCount, range, null)
    {
    }

    private PairedComparison(SequentialTest test, double alpha, long targetCount, double range, IConfidenceSequence? all)
    {
        (Test, TargetCount, Range) = (test, targetCount, range);
        _all = all ?? Make(alpha);
    }

    public SequentialTest Test { get; }

    public double Alpha => _all.Alpha;

    public long TargetCount { get; }

    public double Range { get; }

    /// <summary>n.</summary>
    public long Count => _all.Count;

    /// <summary>Mean difference; NaN before the first row.</summary>
    public double Mean => _all.Mean;

    /// <summary>Above 0: the candidate is better, at level α.</summary>
    public double Lower => _all.Lower;

    /// <summary>Below 0: the candidate is worse, at level α.</summary>
    public double Upper => _all.Upper;

    /// <summary>By name.</summary>
    public ImmutableArray<SliceReading> Slices => [.. _slices.Select(s => Read(s.Key, s.Value))];

    /// <summary>Slices that have no place, by name; of many the first ones.</summary>
    public ImmutableArray<string> Dropped => [.. _dropped];

    /// <summary>A slice is worse, whose name this is; null: none is.</summary>
    public string? FirstWorse
    {
        get
        {
            foreach (var (name, sequence) in _slices)
            {
                if (Read(name, sequence).IsWorse)
                    return name;
            }

            return null;
        }
    }

    /// <summary>Takes the losses of one row.</summary>
    /// <param name="difference">Champion's loss − candidate's loss.</param>
    /// <param name="slices">The slices that the row is of; no name twice.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not finite, or beyond <see cref="Range"/> where that is asked for.</exception>
    public void Add(double difference, params ReadOnlySpan<string> slices)
    {
        _all.Add(difference);
        foreach (var slice in slices)
            Place(slice)?.Add(difference);
    }

    /// <summary>Versioned bytes; <see cref="Restore"/> goes on bit for bit.</summary>
    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        writer.Write((byte)Test);
        writer.Write(TargetCount);
        writer.Write(Range);
        Write(writer, _all);
        writer.Write(_slices.Count);
        foreach (var (name, sequence) in _slices)
        {
            writer.Write(name);
            Write(writer, sequence);
        }

        writer.Write(_dropped.Count);
        foreach (var name in _dropped)
            writer.Write(name);
    });

    /// <summary>Goes on with saved bytes; those of an <see cref="AsymptoticConfidenceSequence"/> alone are a comparison without slices.</summary>
    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static PairedComparison Restore(ReadOnlySpan<byte> state)
    {
        if (StateEnvelope.Open(state, (kind, _, _) => kind) != Kind)
        {
            var alone = AsymptoticConfidenceSequence.Restore(state);
            return new PairedComparison(SequentialTest.Asymptotic, alone.Alpha, alone.TargetCount, 1, alone);
        }

        return StateEnvelope.Open(state, (kind, version, reader) =>
        {
            if (version != Version)
                throw new LearnerException($"The saved state is {kind} of version {version}, not of version {Version}.");
            var test = (SequentialTest)reader.ReadByte();
            var target = reader.ReadInt64();
            var range = reader.ReadDouble();
            var all = ReadSequence(reader, test);
            var comparison = new PairedComparison(test, all.Alpha, target, range, all);
            for (var left = reader.ReadInt32(); left > 0; left--)
                comparison._slices[reader.ReadString()] = ReadSequence(reader, test);
            for (var left = reader.ReadInt32(); left > 0; left--)
                comparison._dropped.Add(reader.ReadString());
            return comparison;
        });
    }

    private static void Write(BinaryWriter writer, IConfidenceSequence sequence)
    {
        var bytes = sequence.Save();
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static IConfidenceSequence ReadSequence(BinaryReader reader, SequentialTest test)
    {
        var bytes = reader.ReadBytes(reader.ReadInt32());
        return test == SequentialTest.Asymptotic ? AsymptoticConfidenceSequence.Restore(bytes) : EmpiricalBernsteinConfidenceSequence.Restore(bytes);
    }

    private static SliceReading Read(string name, IConfidenceSequence sequence) => sequence.Count < MinSliceCount
        ? new SliceReading(name, sequence.Count, sequence.Mean, double.NegativeInfinity, double.PositiveInfinity)
        : new SliceReading(name, sequence.Count, sequence.Mean, sequence.Lower, sequence.Upper);

    private IConfidenceSequence? Place(string slice)
    {
        if (_slices.TryGetValue(slice, out var found))
            return found;
        if (_slices.Count >= MaxSlices)
        {
            var smallest = _slices.MinBy(s => s.Value.Count);
            if (smallest.Value.Count >= MinSliceCount)
            {
                Drop(slice);
                return null;
            }

            _slices.Remove(smallest.Key);
            Drop(smallest.Key);
        }

        _dropped.Remove(slice);
        return _slices[slice] = Make(Alpha / MaxSlices);
    }

    private void Drop(string slice)
    {
        if (_dropped.Count < MaxDropped)
            _dropped.Add(slice);
    }

    private IConfidenceSequence Make(double alpha) => Test == SequentialTest.Asymptotic
        ? new AsymptoticConfidenceSequence(alpha, TargetCount, BoundSides.One)
        : new EmpiricalBernsteinConfidenceSequence(alpha, -Range, Range, BoundSides.One);
}
