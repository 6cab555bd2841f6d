namespace OrleansMl.Inference;

/// <summary>Why a request was not run; each is a 503 to a caller over the network.</summary>
public static class RejectionReasons
{
    /// <summary>As many requests of its priority level wait as may.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>It waited for longer than its timeout.</summary>
    public const string QueueTimeout = "queue_timeout";

    /// <summary>It would have been answered later than the latency target, or not have started before its timeout.</summary>
    public const string Deadline = "deadline";

    /// <summary>The batcher is draining: this version is being unloaded.</summary>
    public const string NotReady = "not_ready";
}
