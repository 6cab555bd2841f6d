namespace OrleansMl.Inference;

/// <summary>Time since a batcher was made, by a clock that never goes back.</summary>
internal sealed class BatchClock(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();

    public TimeProvider Time => time;

    public TimeSpan Now => time.GetElapsedTime(_origin);
}
