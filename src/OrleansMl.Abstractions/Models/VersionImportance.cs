namespace OrleansMl;

/// <summary>What a column does in a version.</summary>
/// <param name="Column">Its name as it leaves the pipeline.</param>
/// <param name="Importance">From 0.</param>
[GenerateSerializer, Immutable, Alias("oml.VersionImportance")]
public sealed record VersionImportance([property: Id(0)] string Column, [property: Id(1)] double Importance);
