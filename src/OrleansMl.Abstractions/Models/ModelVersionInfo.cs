namespace OrleansMl;

/// <summary>A version as callers see it.</summary>
/// <param name="Manifest">What it is made of.</param>
/// <param name="State">registered | loading | warming | available | draining | unloaded | failed.</param>
/// <param name="Reason">Why it failed; else null.</param>
/// <param name="Created">When it was registered.</param>
[GenerateSerializer, Immutable, Alias("oml.ModelVersionInfo")]
public sealed record ModelVersionInfo(
    [property: Id(0)] VersionManifest Manifest,
    [property: Id(1)] VersionState State,
    [property: Id(2)] string? Reason,
    [property: Id(3)] DateTime Created);
