namespace OrleansMl.Inference;

/// <summary>One run of a warm-up.</summary>
/// <param name="BatchSize">Rows.</param>
/// <param name="Duration">Time it took.</param>
/// <param name="Failure">Why it failed; null: it ran.</param>
public sealed record WarmUpStep(int BatchSize, TimeSpan Duration, string? Failure);
