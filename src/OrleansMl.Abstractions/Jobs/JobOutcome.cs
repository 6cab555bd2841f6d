namespace OrleansMl;

/// <summary>How an attempt ended for good.</summary>
/// <param name="State">succeeded, failed or cancelled.</param>
/// <param name="Result">JSON object; null: none.</param>
/// <param name="Error">Why it failed; else null.</param>
[GenerateSerializer, Immutable, Alias("oml.JobOutcome")]
public sealed record JobOutcome([property: Id(0)] JobState State, [property: Id(1)] string? Result, [property: Id(2)] OmlError? Error);
