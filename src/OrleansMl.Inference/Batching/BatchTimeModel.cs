namespace OrleansMl.Inference;

/// <summary>
/// Expected duration of a batch of n rows, a·n + b: least squares over the last 50 batches, as BentoML's dispatcher learns
/// it. The first two batches after loading are left out: they pay for planning and memory. Not thread-safe.
/// </summary>
internal sealed class BatchTimeModel
{
    private const int Window = 50;
    private const int LeftOut = 2;

    private readonly (int Rows, double Seconds)[] _samples = new (int, double)[Window];
    private long _seen;
    private (double Slope, double Constant)? _line;

    public void Add(int rows, TimeSpan duration)
    {
        if (_seen >= LeftOut)
            _samples[(_seen - LeftOut) % Window] = (rows, duration.TotalSeconds);
        _seen++;
        _line = null;
    }

    /// <summary>Expected duration; null while nothing is known.</summary>
    public TimeSpan? Expect(long rows)
    {
        if (_seen <= LeftOut)
            return null;
        _line ??= Fit(_samples.AsSpan(0, (int)Math.Min(_seen - LeftOut, Window)));
        return TimeSpan.FromSeconds((_line.Value.Slope * rows) + _line.Value.Constant);
    }

    private static (double Slope, double Constant) Fit(ReadOnlySpan<(int Rows, double Seconds)> samples)
    {
        var (meanRows, meanSeconds) = (0.0, 0.0);
        foreach (var (rows, seconds) in samples)
            (meanRows, meanSeconds) = (meanRows + rows, meanSeconds + seconds);
        (meanRows, meanSeconds) = (meanRows / samples.Length, meanSeconds / samples.Length);
        var (variance, covariance) = (0.0, 0.0);
        foreach (var (rows, seconds) in samples)
        {
            variance += (rows - meanRows) * (rows - meanRows);
            covariance += (rows - meanRows) * (seconds - meanSeconds);
        }

        // Batches of one size say nothing about others. Taking them to last as long is the guess that lets larger ones run,
        // and so be learned. A slope or a constant below zero is noise.
        var slope = variance == 0 ? 0 : Math.Max(0, covariance / variance);
        var constant = meanSeconds - (slope * meanRows);
        return constant >= 0 ? (slope, constant) : (meanSeconds / meanRows, 0);
    }
}
