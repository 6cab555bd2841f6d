namespace OrleansMl.Grains.Tests;

/// <summary>The domain's clock under the test's hand. Timers stay real: only "now" is faked.</summary>
public sealed class FakeClock(DateTime start) : TimeProvider
{
    private long _ticks = start.Ticks;

    public DateTime Now => new(Interlocked.Read(ref _ticks), DateTimeKind.Utc);

    public override DateTimeOffset GetUtcNow() => new(Now);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
