namespace OrleansMl.Learning;

/// <summary>
/// The mean of a stream of losses, three ways (prequential evaluation: predict, score, learn): over all, over the last
/// <see cref="Window"/>, and fading by a factor per value (S ← αS + l, B ← αB + 1; Gama, Sebastião and Rodrigues 2013).
/// A cumulative mean can be ruled for ever by bad early rows: show the windowed one beside it.
/// </summary>
public sealed class PrequentialMean
{
    public const int DefaultWindow = 1000;
    public const double DefaultFading = 0.999;

    private readonly double[] _recent;
    private double _sum;
    private double _fadingSum;
    private double _fadingCount;

    /// <param name="window">Values in the window, ≥ 1.</param>
    /// <param name="fading">α in (0, 1].</param>
    public PrequentialMean(int window = DefaultWindow, double fading = DefaultFading)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        if (!(fading is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(fading), fading, "The fading factor must be in (0, 1].");
        (_recent, Fading) = (new double[window], fading);
    }

    /// <summary>Values in the window at most.</summary>
    public int Window => _recent.Length;

    /// <summary>α.</summary>
    public double Fading { get; }

    /// <summary>Values so far.</summary>
    public long Count { get; private set; }

    /// <summary>Over all; NaN before the first.</summary>
    public double Cumulative => _sum / Count;

    /// <summary>Over the last <see cref="Window"/>; NaN before the first. Summed afresh, so that no rounding builds up.</summary>
    public double Windowed
    {
        get
        {
            var filled = (int)Math.Min(Count, Window);
            double sum = 0;
            for (var i = 0; i < filled; i++)
                sum += _recent[i];
            return sum / filled;
        }
    }

    /// <summary>Fading; NaN before the first.</summary>
    public double Faded => _fadingSum / _fadingCount;

    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "A loss must be finite.");
        _sum += value;
        _recent[Count % Window] = value;
        _fadingSum = (Fading * _fadingSum) + value;
        _fadingCount = (Fading * _fadingCount) + 1;
        Count++;
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Window);
        writer.Write(Fading);
        writer.Write(Count);
        writer.Write(_sum);
        writer.Write(_fadingSum);
        writer.Write(_fadingCount);
        for (var i = 0; i < Math.Min(Count, Window); i++)
            writer.Write(_recent[i]);
    }

    internal static PrequentialMean Read(BinaryReader reader)
    {
        var mean = new PrequentialMean(reader.ReadInt32(), reader.ReadDouble())
        {
            Count = reader.ReadInt64(),
            _sum = reader.ReadDouble(),
            _fadingSum = reader.ReadDouble(),
            _fadingCount = reader.ReadDouble(),
        };
        for (var i = 0; i < Math.Min(mean.Count, mean.Window); i++)
            mean._recent[i] = reader.ReadDouble();
        return mean;
    }
}
