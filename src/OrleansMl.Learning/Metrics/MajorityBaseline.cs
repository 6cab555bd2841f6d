namespace OrleansMl.Learning;

/// <summary>Predicts the label seen most often, the smallest of several; 0 before the first. Of classes, so its log loss is as bad as certainty is.</summary>
public sealed class MajorityBaseline : IBaseline
{
    internal const string Kind = "majority";
    internal const byte Version = 1;

    private readonly SortedDictionary<double, long> _counts = [];
    private double _majority;

    public string Name => Kind;

    public long Count { get; private set; }

    public double Predict() => _majority;

    public void Learn(double label)
    {
        if (!double.IsFinite(label))
            throw new ArgumentOutOfRangeException(nameof(label), label, "A label must be finite.");
        var count = _counts.GetValueOrDefault(label) + 1;
        _counts[label] = count;
        var best = _counts.GetValueOrDefault(_majority);
        if (count > best || (count == best && label < _majority))
            _majority = label;
        Count++;
    }

    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        writer.Write(_majority);
        writer.Write(_counts.Count);
        foreach (var (label, count) in _counts)
        {
            writer.Write(label);
            writer.Write(count);
        }
    });

    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static MajorityBaseline Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (kind, version, reader) =>
    {
        if ((kind, version) is not (Kind, Version))
            throw new LearnerException($"The saved state is {kind} of version {version}, not {Kind} of version {Version}.");
        var baseline = new MajorityBaseline { _majority = reader.ReadDouble() };
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var (label, count) = (reader.ReadDouble(), reader.ReadInt64());
            baseline._counts[label] = count;
            baseline.Count += count;
        }

        return baseline;
    });
}
