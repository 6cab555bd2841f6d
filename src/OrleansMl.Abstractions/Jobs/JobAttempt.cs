namespace OrleansMl;

/// <summary>One try of a job, from its claim by a silo to its end.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="Owner">The silo.</param>
/// <param name="Started">When it began.</param>
/// <param name="Ended">When it ended, or was found to have ended; null: it runs.</param>
/// <param name="Reason">succeeded, failed, cancelled, or why it was interrupted; null: it runs.</param>
[GenerateSerializer, Immutable, Alias("oml.JobAttempt")]
public sealed record JobAttempt(
    [property: Id(0)] int Number,
    [property: Id(1)] string Owner,
    [property: Id(2)] DateTime Started,
    [property: Id(3)] DateTime? Ended,
    [property: Id(4)] string? Reason);
