namespace OrleansMl;

/// <summary>What a follower of a live learner has.</summary>
/// <param name="Position">Where its copy stands; default: it has none.</param>
/// <param name="Base">The base that it knows; null: none.</param>
[GenerateSerializer, Immutable, Alias("oml.LiveQuery")]
public sealed record LiveQuery([property: Id(0)] LivePosition Position, [property: Id(1)] LiveBase? Base);
