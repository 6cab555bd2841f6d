namespace OrleansMl;

/// <summary>The right to run a job. It ends when a later attempt begins: then every call with its number is refused.</summary>
/// <param name="Attempt">Fences all that the attempt writes.</param>
/// <param name="Spec">What to do.</param>
/// <param name="Step">Step of the last checkpoint; null: there is none.</param>
/// <param name="Checkpoint">What was saved last; null: begin at the beginning.</param>
[GenerateSerializer, Immutable, Alias("oml.JobTicket")]
public sealed record JobTicket([property: Id(0)] int Attempt, [property: Id(1)] JobSpec Spec, [property: Id(2)] string? Step, [property: Id(3)] ReadOnlyMemory<byte>? Checkpoint);
