using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>Features of one entity at one point of its log.</summary>
/// <param name="Entity">Whose.</param>
/// <param name="AsOf">Event time the windows end at.</param>
/// <param name="Sequence">The log's sequence the reading includes.</param>
/// <param name="Features">In the order asked, wildcards in declared order.</param>
[GenerateSerializer, Immutable, Alias("oml.FeatureReading")]
public sealed record FeatureReading(
    [property: Id(0)] EntityId Entity,
    [property: Id(1)] DateTime AsOf,
    [property: Id(2)] long Sequence,
    [property: Id(3)] ImmutableArray<FeatureValue> Features);
