namespace OrleansMl.Learning;

/// <summary>What all detectors share: the check of values, the reset after an alarm, the saved form.</summary>
public abstract class DriftDetector : IDriftDetector
{
    internal const byte Version = 1;

    private protected DriftDetector(string type) => Type = type;

    public string Type { get; }

    public long Count { get; private set; }

    public bool InDrift { get; private protected set; }

    public bool InWarning { get; private protected set; }

    public DriftReading Reading { get; private protected set; }

    public void Update(double value)
    {
        if (!Accepts(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, $"{Type} takes {(Accepts(0.5) ? "finite numbers" : "0 (right) or 1 (wrong)")}.");
        if (InDrift)
            Reset();
        Count++;
        Step(value);
    }

    public void Reset()
    {
        (Count, InDrift, InWarning, Reading) = (0, false, false, default);
        Clear();
    }

    public byte[] Save() => StateEnvelope.Seal(Type, Version, writer =>
    {
        WriteOptions(writer);
        writer.Write(Count);
        writer.Write(InDrift);
        writer.Write(InWarning);
        WriteState(writer);
    });

    internal void Read(BinaryReader reader)
    {
        (Count, InDrift, InWarning) = (reader.ReadInt64(), reader.ReadBoolean(), reader.ReadBoolean());
        ReadState(reader);
    }

    private protected virtual bool Accepts(double value) => double.IsFinite(value);

    private protected abstract void Step(double value);

    private protected abstract void Clear();

    private protected abstract void WriteOptions(BinaryWriter writer);

    private protected abstract void WriteState(BinaryWriter writer);

    private protected abstract void ReadState(BinaryReader reader);

    private protected static double Within(double value, string name, double above, double atMost)
        => value > above && value <= atMost ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be in ({above}, {atMost}].");

    private protected static int AtLeast(int value, string name, int least)
        => value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}.");
}
