namespace OrleansMl.Learning;

/// <summary>
/// Drift detection method (Gama, Medas, Castillo and Rodrigues 2004) on errors (1 = wrong): p is the error rate, s =
/// sqrt(p(1 − p)/n); warns where p + s exceeds p + 2s at the minimum of p + s, alarms past p + 3s. It sees rises only.
/// </summary>
public sealed class DdmDetector : DriftDetector
{
    public const string Name = "ddm";

    private double _rate;
    private double _lowestRate = double.PositiveInfinity;
    private double _lowestDeviation = double.PositiveInfinity;

    /// <param name="warmUp">Values before the first judgement, ≥ 1.</param>
    /// <param name="warning">Deviations, &gt; 0.</param>
    /// <param name="drift">Deviations, ≥ <paramref name="warning"/>.</param>
    public DdmDetector(int warmUp = 30, double warning = 2, double drift = 3)
        : base(Name)
    {
        (WarmUp, Warning, Drift) = (AtLeast(warmUp, nameof(warmUp), 1), Within(warning, nameof(warning), 0, double.MaxValue), Within(drift, nameof(drift), 0, double.MaxValue));
        ArgumentOutOfRangeException.ThrowIfLessThan(drift, warning);
    }

    public int WarmUp { get; }

    public double Warning { get; }

    public double Drift { get; }

    private protected override bool Accepts(double value) => value is 0 or 1;

    private protected override void Step(double value)
    {
        _rate += 1.0 / Count * (value - _rate);
        if (Count <= WarmUp)
            return;
        var deviation = Math.Sqrt(_rate * (1 - _rate) / Count);
        if (_rate + deviation <= _lowestRate + _lowestDeviation)
            (_lowestRate, _lowestDeviation) = (_rate, deviation);
        Reading = new DriftReading(_rate + deviation, _lowestRate + (Drift * _lowestDeviation));
        InDrift = Reading.Value > Reading.Limit;
        InWarning = !InDrift && _rate + deviation > _lowestRate + (Warning * _lowestDeviation);
    }

    private protected override void Clear() => (_rate, _lowestRate, _lowestDeviation) = (0, double.PositiveInfinity, double.PositiveInfinity);

    private protected override void WriteOptions(BinaryWriter writer)
    {
        writer.Write(WarmUp);
        writer.Write(Warning);
        writer.Write(Drift);
    }

    private protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_rate);
        writer.Write(_lowestRate);
        writer.Write(_lowestDeviation);
    }

    private protected override void ReadState(BinaryReader reader) => (_rate, _lowestRate, _lowestDeviation) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
}
