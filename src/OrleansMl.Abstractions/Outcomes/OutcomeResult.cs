using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>What became of one outcome of a batch.</summary>
[GenerateSerializer, Immutable, Alias("oml.OutcomeResult")]
public readonly record struct OutcomeResult(
    [property: Id(0)] OutcomeStatus Status,
    [property: Id(1)] ImmutableArray<string> PredictionIds,
    [property: Id(2)] OmlFault? Fault);
