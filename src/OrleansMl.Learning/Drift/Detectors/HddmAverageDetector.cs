namespace OrleansMl.Learning;

/// <summary>
/// HDDM-A (Frías-Blanco and others 2015): compares the mean of all values in [0, 1] with the mean up to the cut where mean
/// plus Hoeffding's bound was lowest. As published with one side: it sees rises only.
/// </summary>
public sealed class HddmAverageDetector : DriftDetector
{
    public const string Name = "hddm_a";

    private double _mean;
    private double _cutMean;
    private long _cutCount;

    /// <param name="drift">Confidence of the alarm, in (0, 1].</param>
    /// <param name="warning">Confidence of the warning, in (0, 1].</param>
    public HddmAverageDetector(double drift = 0.001, double warning = 0.005)
        : base(Name)
        => (Drift, Warning) = (Within(drift, nameof(drift), 0, 1), Within(warning, nameof(warning), 0, 1));

    public double Drift { get; }

    public double Warning { get; }

    private protected override bool Accepts(double value) => value is 0 or 1;

    private protected override void Step(double value)
    {
        _mean += 1.0 / Count * (value - _mean);
        if (_cutCount == 0 || _cutMean + Bound(_cutCount) >= _mean + Bound(Count))
            (_cutMean, _cutCount) = (_mean, Count);
        Reading = new DriftReading(_mean - _cutMean, Limit(Drift));
        InDrift = Rose(Drift);
        InWarning = !InDrift && Rose(Warning);
    }

    private protected override void Clear() => (_mean, _cutMean, _cutCount) = (0, 0, 0);

    private protected override void WriteOptions(BinaryWriter writer)
    {
        writer.Write(Drift);
        writer.Write(Warning);
    }

    private protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_mean);
        writer.Write(_cutMean);
        writer.Write(_cutCount);
    }

    private protected override void ReadState(BinaryReader reader) => (_mean, _cutMean, _cutCount) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt64());

    private double Bound(long count) => Math.Sqrt(1.0 / (2 * count) * Math.Log(1 / Drift));

    private double Limit(double confidence) => Math.Sqrt((double)(Count - _cutCount) / _cutCount * (1.0 / Count) / 2 * Math.Log(2 / confidence));

    private bool Rose(double confidence) => Count > _cutCount && _mean - _cutMean >= Limit(confidence);
}
