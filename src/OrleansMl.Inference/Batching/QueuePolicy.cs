namespace OrleansMl.Inference;

/// <summary>
/// How requests of one priority level wait; the meaning of each setting is that of <c>ModelQueuePolicy</c> in Triton's
/// <c>model_config.proto</c>, except that a queue is always bounded.
/// </summary>
public sealed record QueuePolicy
{
    /// <summary>Longest timeout that can be set: a day.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    public static QueuePolicy Default { get; } = new();

    /// <summary>Requests of the level that may wait, ≥ 1; one more is rejected with <see cref="RejectionReasons.QueueFull"/>.</summary>
    public int MaxQueued { get; init; } = 1024;

    /// <summary>Time a request may wait before it starts; null: any.</summary>
    public TimeSpan? DefaultTimeout { get; init; }

    /// <summary>What happens when that time is over.</summary>
    public TimeoutAction TimeoutAction { get; init; } = TimeoutAction.Reject;

    /// <summary>A request may ask for a shorter timeout than the default, never for a longer one.</summary>
    public bool AllowTimeoutOverride { get; init; }

    /// <summary>The time that a request of this level may wait; null: any.</summary>
    /// <param name="requested">What the request asks for; null or zero: nothing.</param>
    public TimeSpan? TimeoutFor(TimeSpan? requested)
    {
        if (!AllowTimeoutOverride || requested is not { } asked || asked <= TimeSpan.Zero)
            return DefaultTimeout;
        var limit = DefaultTimeout ?? MaxTimeout;
        return asked < limit ? asked : limit;
    }
}
