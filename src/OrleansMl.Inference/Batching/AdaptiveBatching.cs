namespace OrleansMl.Inference;

/// <summary>
/// Admission by expected latency: the batcher learns how long a batch of n rows takes and rejects, with
/// <see cref="RejectionReasons.Deadline"/>, a request that would miss its target behind what is queued already.
/// </summary>
public sealed record AdaptiveBatching
{
    /// <summary>Longest time from arrival to answer that a request is admitted for, > 0.</summary>
    public required TimeSpan LatencyTarget { get; init; }
}
