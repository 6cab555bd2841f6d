namespace OrleansMl;

/// <summary>Pauses between tries of what may pass by itself: each twice as long as the one before it, up to the longest.</summary>
/// <param name="First">After the first failure.</param>
/// <param name="Longest">No pause is longer.</param>
public readonly record struct DoublingPause(TimeSpan First, TimeSpan Longest)
{
    /// <summary>A pause has doubled often enough by then, whatever its length.</summary>
    private const int MostDoublings = 62;

    /// <summary>The pause after a failure.</summary>
    /// <param name="failures">Failures in a row, with this one; from 1.</param>
    public TimeSpan After(int failures)
    {
        var doublings = Math.Clamp(failures - 1, 0, MostDoublings);
        return First.Ticks > Longest.Ticks >> doublings ? Longest : new TimeSpan(First.Ticks << doublings);
    }
}
