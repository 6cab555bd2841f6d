namespace OrleansMl;

/// <summary>The fate of one record of a batch, at the same index.</summary>
/// <param name="Status">Accepted, duplicate or rejected.</param>
/// <param name="Sequence">Position in the entity's log, from 1; 0 when rejected.</param>
/// <param name="Fault">Why it was rejected; else null.</param>
[GenerateSerializer, Immutable, Alias("oml.AppendOutcome")]
public readonly record struct AppendOutcome(
    [property: Id(0)] AppendStatus Status,
    [property: Id(1)] long Sequence,
    [property: Id(2)] OmlFault? Fault);
