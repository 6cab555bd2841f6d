namespace OrleansMl.Inference;

/// <summary>What becomes of a request that has waited in the queue for longer than its timeout.</summary>
public enum TimeoutAction
{
    /// <summary>It is rejected with <see cref="RejectionReasons.QueueTimeout"/>.</summary>
    Reject,

    /// <summary>It stays, behind the requests of its level that are in time.</summary>
    Delay,
}
