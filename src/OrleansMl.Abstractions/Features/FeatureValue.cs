namespace OrleansMl;

/// <summary>One feature as read.</summary>
/// <param name="Name"><c>view:feature</c> or <c>type.attribute</c>.</param>
/// <param name="Value">The value, the default in its place, or missing.</param>
/// <param name="Status">Present, missing or expired; says nothing about the default.</param>
/// <param name="EventTime">Event time of the newest record behind the value; null when none.</param>
/// <param name="UsedDefault">The value is the declared default.</param>
[GenerateSerializer, Immutable, Alias("oml.FeatureValue")]
public readonly record struct FeatureValue(
    [property: Id(0)] string Name,
    [property: Id(1)] Scalar Value,
    [property: Id(2)] FeatureStatus Status,
    [property: Id(3)] DateTime? EventTime,
    [property: Id(4)] bool UsedDefault);
