namespace OrleansMl;

/// <summary>A silo asks for a job.</summary>
/// <param name="Owner">The silo.</param>
/// <param name="GoneOwner">The owner that the caller knows to be gone; null: only a job that waits is wanted.</param>
/// <param name="MaxIdleAttempts">Attempts in a row that end without a checkpoint before the job is given up.</param>
[GenerateSerializer, Immutable, Alias("oml.JobClaim")]
public sealed record JobClaim([property: Id(0)] string Owner, [property: Id(1)] string? GoneOwner, [property: Id(2)] int MaxIdleAttempts);
