namespace OrleansMl.Learning;

/// <summary>
/// Early drift detection method (Baena-García and others 2006) on errors (1 = wrong): the distance between errors, mean p
/// and deviation s; warns where (p + 2s)/max(p + 2s) falls below α, alarms below β. Early for slow changes, and prone to
/// false alarms.
/// </summary>
public sealed class EddmDetector : DriftDetector
{
    public const string Name = "eddm";

    private long _errors;
    private long _lastError;
    private double _mean;
    private double _squares;
    private double _highest = -1;

    /// <param name="warmUp">Values and errors before the first judgement, ≥ 1.</param>
    /// <param name="alpha">Of the warning, in (0, 1].</param>
    /// <param name="beta">Of the alarm, in (0, α].</param>
    public EddmDetector(int warmUp = 30, double alpha = 0.95, double beta = 0.9)
        : base(Name)
        => (WarmUp, Alpha, Beta) = (AtLeast(warmUp, nameof(warmUp), 1), Within(alpha, nameof(alpha), 0, 1), Within(beta, nameof(beta), 0, alpha));

    public int WarmUp { get; }

    public double Alpha { get; }

    public double Beta { get; }

    private protected override bool Accepts(double value) => value is 0 or 1;

    private protected override void Step(double value)
    {
        if (value == 0)
            return;
        _errors++;
        var (distance, before) = (Count - _lastError, _mean);
        _lastError = Count;
        _mean += 1.0 / _errors * (distance - _mean);
        _squares += (distance - before) * (distance - _mean);
        if (Count <= WarmUp)
            return;
        var level = _mean + (2 * Math.Sqrt(_errors > 1 ? _squares / (_errors - 1) : 0));
        if (level > _highest)
        {
            _highest = level;
        }
        else if (_errors > WarmUp)
        {
            Reading = new DriftReading(level / _highest, Beta);
            InDrift = Reading.Value < Beta;
            InWarning = !InDrift && level / _highest < Alpha;
        }
    }

    private protected override void Clear() => (_errors, _lastError, _mean, _squares, _highest) = (0, 0, 0, 0, -1);

    private protected override void WriteOptions(BinaryWriter writer)
    {
        writer.Write(WarmUp);
        writer.Write(Alpha);
        writer.Write(Beta);
    }

    private protected override void WriteState(BinaryWriter writer)
    {
        writer.Write(_errors);
        writer.Write(_lastError);
        writer.Write(_mean);
        writer.Write(_squares);
        writer.Write(_highest);
    }

    private protected override void ReadState(BinaryReader reader)
        => (_errors, _lastError, _mean, _squares, _highest) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
}
