namespace OrleansMl;

/// <summary>State of a version, with the reason where it failed.</summary>
[GenerateSerializer, Immutable, Alias("oml.VersionStatus")]
public sealed record VersionStatus([property: Id(0)] VersionState State, [property: Id(1)] string? Reason);
