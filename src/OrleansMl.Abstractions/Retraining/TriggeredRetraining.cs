namespace OrleansMl;

/// <summary>A retraining that a trigger began.</summary>
/// <param name="Job">Id of its job; null: it was refused.</param>
/// <param name="At">When it was begun or refused, UTC.</param>
/// <param name="State">queued | running | succeeded | failed | cancelled | refused.</param>
/// <param name="Detail">Why it was refused; else null.</param>
[GenerateSerializer, Immutable, Alias("oml.TriggeredRetraining")]
public sealed record TriggeredRetraining([property: Id(0)] string? Job, [property: Id(1)] DateTime At, [property: Id(2)] string State, [property: Id(3)] string? Detail);
