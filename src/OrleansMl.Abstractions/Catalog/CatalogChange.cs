namespace OrleansMl;

/// <summary>One line of a difference.</summary>
/// <param name="Action">create | update | delete | none.</param>
/// <param name="Kind">entity | event | view | model | learner | replay | application.</param>
/// <param name="Name">Name of the thing.</param>
/// <param name="KeepsState">False when what was learned or folded under that name ends.</param>
/// <param name="Detail">What differs, for people; null when nothing does.</param>
[GenerateSerializer, Immutable, Alias("oml.CatalogChange")]
public sealed record CatalogChange(
    [property: Id(0)] string Action,
    [property: Id(1)] string Kind,
    [property: Id(2)] string Name,
    [property: Id(3)] bool KeepsState,
    [property: Id(4)] string? Detail);
