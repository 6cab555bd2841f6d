namespace OrleansMl;

/// <summary>A comparison of losses within one slice.</summary>
/// <param name="Slice">Its name: <c>segment=gold</c>, <c>price&lt;10</c>.</param>
/// <param name="N">Rows compared.</param>
/// <param name="Estimate">Mean difference; above 0 the candidate is better.</param>
/// <param name="Lower">Lower bound at the slice's share of the level.</param>
/// <param name="Upper">Upper bound.</param>
/// <param name="Verdict">better | worse | open.</param>
[GenerateSerializer, Immutable, Alias("oml.SliceEvidence")]
public sealed record SliceEvidence(
    [property: Id(0)] string Slice,
    [property: Id(1)] long N,
    [property: Id(2)] double Estimate,
    [property: Id(3)] double Lower,
    [property: Id(4)] double Upper,
    [property: Id(5)] string Verdict);
