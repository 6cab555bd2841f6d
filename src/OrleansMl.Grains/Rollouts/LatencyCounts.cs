namespace OrleansMl.Rollouts;

/// <summary>
/// Times in buckets that grow by an eighth of an octave, from 1 µs to over an hour: a percentile is at most 9 % above the true
/// one, counts of several silos add up, and to count costs one interlocked addition.
/// </summary>
internal sealed class LatencyCounts
{
    /// <summary>Buckets that double the time.</summary>
    private const int PerOctave = 8;

    /// <summary>2^32 µs.</summary>
    public const int Buckets = 32 * PerOctave;

    private const double LeastSeconds = 1e-6;

    private readonly long[] _counts = new long[Buckets];

    public void Add(TimeSpan time) => Interlocked.Increment(ref _counts[BucketOf(time.TotalSeconds)]);

    /// <summary>How many in each bucket.</summary>
    public long[] Snapshot()
    {
        var copy = new long[Buckets];
        for (var i = 0; i < Buckets; i++)
            copy[i] = Volatile.Read(ref _counts[i]);
        return copy;
    }

    /// <summary>The upper edge of the bucket that the quantile lies in, in seconds; null: nothing was counted.</summary>
    /// <param name="counts">How many in each bucket.</param>
    /// <param name="quantile">In (0, 1].</param>
    public static double? Quantile(ReadOnlySpan<long> counts, double quantile)
    {
        long total = 0;
        foreach (var count in counts)
            total += count;
        if (total == 0)
            return null;
        var rank = Math.Max(1, (long)Math.Ceiling(quantile * total));
        for (var bucket = 0; ; bucket++)
        {
            rank -= counts[bucket];
            if (rank <= 0)
                return LeastSeconds * Math.Pow(2, (bucket + 1.0) / PerOctave);
        }
    }

    private static int BucketOf(double seconds) =>
        seconds <= LeastSeconds ? 0 : Math.Min(Buckets - 1, (int)(Math.Log2(seconds / LeastSeconds) * PerOctave));
}
