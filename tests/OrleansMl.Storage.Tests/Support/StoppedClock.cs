namespace OrleansMl.Storage.Tests.Support;

/// <summary>A clock that moves when told; its timers never fire, so that nothing happens by itself.</summary>
public sealed class StoppedClock : TimeProvider
{
    public DateTime Now { get; set; } = Some.Noon;

    public override DateTimeOffset GetUtcNow() => new(Now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Still();

    private sealed class Still : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
