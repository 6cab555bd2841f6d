namespace OrleansMl;

/// <summary>Answer to a registration.</summary>
[GenerateSerializer, Immutable, Alias("oml.RegisterResult")]
public sealed record RegisterResult([property: Id(0)] ModelVersionInfo Version, [property: Id(1)] bool Created);
