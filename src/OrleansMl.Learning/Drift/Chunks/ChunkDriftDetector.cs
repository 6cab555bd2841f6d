namespace OrleansMl.Learning;

/// <summary>
/// Compares each full chunk of a stream with a reference sample. Alarms after so many chunks in a row past the threshold;
/// before that it warns. The reference stays after an alarm: fit a new detector when the change is accepted.
/// </summary>
public sealed class ChunkDriftDetector : DriftDetector
{
    public const string Name = "chunk";

    private readonly double[] _chunk;
    private int _filled;
    private int _past;

    /// <param name="persistence">Chunks in a row past the threshold before the alarm, ≥ 1.</param>
    /// <exception cref="ArgumentException">A p-value is asked of a statistic that has none.</exception>
    public ChunkDriftDetector(DriftStatistic statistic, DriftThreshold threshold, int chunkSize, int persistence = 1)
        : base(Name)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        if (threshold is { Upper: null, Alpha: null })
            throw new ArgumentException("The threshold says nothing; make it with Fixed, PValue or FromReference.", nameof(threshold));
        if (threshold.Alpha is not null && statistic.Kind is not (DriftStatisticKind.ChiSquare or DriftStatisticKind.KolmogorovSmirnov))
            throw new ArgumentException($"{statistic.Kind} has no p-value; give its threshold as a value.", nameof(threshold));
        (Statistic, Threshold, Persistence) = (statistic, threshold, AtLeast(persistence, nameof(persistence), 1));
        _chunk = new double[AtLeast(chunkSize, nameof(chunkSize), 1)];
    }

    public DriftStatistic Statistic { get; }

    public DriftThreshold Threshold { get; }

    public int ChunkSize => _chunk.Length;

    public int Persistence { get; }

    /// <summary>Of the last full chunk; null before the first.</summary>
    public DriftMeasure? Last { get; private set; }

    internal static ChunkDriftDetector ReadOptions(BinaryReader reader)
    {
        var kind = (DriftStatisticKind)reader.ReadByte();
        var reference = new double[reader.ReadInt32()];
        for (var i = 0; i < reference.Length; i++)
            reference[i] = reader.ReadDouble();
        var threshold = reader.ReadBoolean() ? DriftThreshold.PValue(reader.ReadDouble()) : DriftThreshold.Fixed(reader.ReadDouble());
        return new ChunkDriftDetector(new DriftStatistic(kind, reference), threshold, reader.ReadInt32(), reader.ReadInt32());
    }

    private protected override void Step(double value)
    {
        _chunk[_filled++] = value;
        if (_filled < _chunk.Length)
            return;
        _filled = 0;
        var measure = Statistic.Measure(_chunk);
        Last = measure;
        Reading = new DriftReading(measure.Value, Threshold.Upper ?? double.NaN);
        _past = Threshold.IsDrift(measure) ? _past + 1 : 0;
        InDrift = _past >= Persistence;
        InWarning = !InDrift && _past > 0;
    }

    private protected override void Clear() => (_filled, _past, Last) = (0, 0, null);

    private protected override void WriteOptions(BinaryWriter writer)
    {
        writer.Write((byte)Statistic.Kind);
        writer.Write(Statistic.Reference.Length);
        foreach (var value in Statistic.Reference)
            writer.Write(value);
        writer.Write(Threshold.Alpha is not null);
        writer.Write(Threshold.Alpha ?? Threshold.Upper ?? 0);
        writer.Write(ChunkSize);
        writer.Write(Persistence);
    }

    private protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_past);
        writer.Write(Last is not null);
        writer.Write(Last?.Value ?? 0);
        writer.Write(Last?.PValue is not null);
        writer.Write(Last?.PValue ?? 0);
        writer.Write(_filled);
        for (var i = 0; i < _filled; i++)
            writer.Write(_chunk[i]);
    }

    private protected override void ReadState(BinaryReader reader)
    {
        _past = reader.ReadInt32();
        var (any, value, tested, p) = (reader.ReadBoolean(), reader.ReadDouble(), reader.ReadBoolean(), reader.ReadDouble());
        Last = any ? new DriftMeasure(value, tested ? p : null) : null;
        _filled = reader.ReadInt32();
        for (var i = 0; i < _filled; i++)
            _chunk[i] = reader.ReadDouble();
    }
}
