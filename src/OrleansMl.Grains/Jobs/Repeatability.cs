namespace OrleansMl.Jobs;

/// <summary>Whether a job that is repeated gives the same bit for bit, on the same kind of machine.</summary>
/// <param name="IsRepeatable">It does.</param>
/// <param name="Reason">Why it does not; null: it does.</param>
public sealed record Repeatability(bool IsRepeatable, string? Reason);
