namespace OrleansMl;

/// <summary>An alias after a change.</summary>
[GenerateSerializer, Immutable, Alias("oml.AliasResult")]
public sealed record AliasResult(
    [property: Id(0)] string Alias,
    [property: Id(1)] int? Version,
    [property: Id(2)] int? Previous,
    [property: Id(3)] long PlanRevision);
