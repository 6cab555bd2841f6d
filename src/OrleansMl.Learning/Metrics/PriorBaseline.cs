namespace OrleansMl.Learning;

/// <summary>Predicts the mean of the labels so far; before the first 0.5 for probabilities, else 0.</summary>
public sealed class PriorBaseline(bool binary) : IBaseline
{
    internal const string Kind = "prior";
    internal const byte Version = 1;

    private double _sum;

    public string Name => Kind;

    public long Count { get; private set; }

    public double Predict() => Count > 0 ? _sum / Count : binary ? 0.5 : 0;

    public void Learn(double label) => (_sum, Count) = (_sum + label, Count + 1);

    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        writer.Write(binary);
        writer.Write(_sum);
        writer.Write(Count);
    });

    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static PriorBaseline Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (kind, version, reader) => (kind, version) is (Kind, Version)
        ? new PriorBaseline(reader.ReadBoolean()) { _sum = reader.ReadDouble(), Count = reader.ReadInt64() }
        : throw new LearnerException($"The saved state is {kind} of version {version}, not {Kind} of version {Version}."));
}
