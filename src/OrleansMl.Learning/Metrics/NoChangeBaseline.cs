namespace OrleansMl.Learning;

/// <summary>Predicts the last label (River's NoChangeClassifier); 0 before the first. Its log loss is as bad as certainty is.</summary>
public sealed class NoChangeBaseline : IBaseline
{
    internal const string Kind = "no_change";
    internal const byte Version = 1;

    private double _last;

    public string Name => Kind;

    public long Count { get; private set; }

    public double Predict() => _last;

    public void Learn(double label) => (_last, Count) = (label, Count + 1);

    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        writer.Write(_last);
        writer.Write(Count);
    });

    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static NoChangeBaseline Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (kind, version, reader) => (kind, version) is (Kind, Version)
        ? new NoChangeBaseline { _last = reader.ReadDouble(), Count = reader.ReadInt64() }
        : throw new LearnerException($"The saved state is {kind} of version {version}, not {Kind} of version {Version}."));
}
