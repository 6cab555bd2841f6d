namespace OrleansMl.Inference;

/// <summary>How often something happened, and how long it took in all.</summary>
/// <param name="Count">Times.</param>
/// <param name="Nanoseconds">Sum of the durations.</param>
public readonly record struct DurationCount(long Count, long Nanoseconds)
{
    /// <summary>With one more.</summary>
    public DurationCount Plus(TimeSpan duration) => new(Count + 1, Nanoseconds + (duration.Ticks * TimeSpan.NanosecondsPerTick));
}
