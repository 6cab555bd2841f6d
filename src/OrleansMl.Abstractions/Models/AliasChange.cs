namespace OrleansMl;

/// <summary>Move an alias.</summary>
/// <param name="Alias">Name of the alias.</param>
/// <param name="Version">The version it shall name; null: remove it.</param>
/// <param name="Expected">The version it names now; null: none.</param>
/// <param name="Reason">Why, for the log; null: not said.</param>
/// <param name="By">Who.</param>
[GenerateSerializer, Immutable, Alias("oml.AliasChange")]
public sealed record AliasChange(
    [property: Id(0)] string Alias,
    [property: Id(1)] int? Version,
    [property: Id(2)] int? Expected,
    [property: Id(3)] string? Reason,
    [property: Id(4)] string By);
