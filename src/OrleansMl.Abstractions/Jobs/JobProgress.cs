using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>How far an attempt is.</summary>
/// <param name="Step">What it does.</param>
/// <param name="Fraction">0 to 1; null: not known.</param>
/// <param name="EtaSeconds">Null: not known.</param>
/// <param name="Metrics">Figures of the kind.</param>
[GenerateSerializer, Immutable, Alias("oml.JobProgress")]
public sealed record JobProgress(
    [property: Id(0)] string Step,
    [property: Id(1)] double? Fraction,
    [property: Id(2)] double? EtaSeconds,
    [property: Id(3)] ImmutableSortedDictionary<string, double> Metrics);
