using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>What a load generator saw in one window.</summary>
internal sealed class LoadWindow
{
    private long[] _ticks = new long[1 << 14];
    private long _lastLate;
    private bool _isSorted;

    /// <summary>Answers with status 200.</summary>
    public int Answered { get; private set; }

    /// <summary>Answers with another status.</summary>
    public int Failed { get; private set; }

    /// <summary>The first of those; null: there is none.</summary>
    public string? Failure { get; private set; }

    /// <summary>The last answer.</summary>
    public string Last { get; private set; } = "";

    public TimeSpan Elapsed { get; private set; }

    /// <summary>How much later than it should the generator sent at the worst: the machine was not free for it.</summary>
    public TimeSpan Lateness => Stopwatch.GetElapsedTime(0, _lastLate);

    /// <summary>Answers a second.</summary>
    public double Rate => Answered / Elapsed.TotalSeconds;

    /// <summary>Microseconds that the share <paramref name="share"/> of the answers took at most, by nearest rank.</summary>
    public double Quantile(double share)
    {
        if (Answered == 0)
            return double.NaN;
        if (!_isSorted)
            Array.Sort(_ticks, 0, Answered);
        _isSorted = true;
        return Stopwatch.GetElapsedTime(0, _ticks[Math.Max(0, (int)Math.Ceiling(share * Answered) - 1)]).TotalMicroseconds;
    }

    public void Sent(long due, long now) => _lastLate = Math.Max(_lastLate, now - due);

    public void Take(int status, ReadOnlySpan<byte> answer, long ticks)
    {
        if (status != 200)
        {
            Failed++;
            Failure ??= Encoding.UTF8.GetString(answer);
            return;
        }

        if (Answered == _ticks.Length)
            Array.Resize(ref _ticks, 2 * _ticks.Length);
        _ticks[Answered++] = ticks;
    }

    /// <summary>Takes in what another caller saw at the same time.</summary>
    public void AddBeside(LoadWindow other)
    {
        var elapsed = Elapsed > other.Elapsed ? Elapsed : other.Elapsed;
        Add(other);
        Elapsed = elapsed;
    }

    /// <summary>Takes in what a later window of the same load saw.</summary>
    public void Add(LoadWindow later)
    {
        if (Answered + later.Answered > _ticks.Length)
            Array.Resize(ref _ticks, Math.Max(2 * _ticks.Length, Answered + later.Answered));
        later._ticks.AsSpan(0, later.Answered).CopyTo(_ticks.AsSpan(Answered));
        Answered += later.Answered;
        (Failed, Failure) = (Failed + later.Failed, Failure ?? later.Failure);
        (Elapsed, Last, _isSorted) = (Elapsed + later.Elapsed, later.Last, false);
        _lastLate = Math.Max(_lastLate, later._lastLate);
    }

    /// <summary>Told of the last answer, or of each that may be the last.</summary>
    public void End(TimeSpan elapsed, ReadOnlySpan<byte> last) => (Elapsed, Last) = (elapsed, Encoding.UTF8.GetString(last));

    /// <summary>The window, where every request was answered with 200.</summary>
    public LoadWindow Demand() => Failed == 0 ? this : throw new InvalidOperationException($"{Failed} requests failed; the first answer: {Failure}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rate:F0}/s p50 {Quantile(0.5):F0} µs p99 {Quantile(0.99):F0} µs p99.9 {Quantile(0.999):F0} µs");
}
