namespace OrleansMl;

/// <summary>A value with its name: a field of an event, an input of a request.</summary>
[GenerateSerializer, Immutable, Alias("oml.NamedValue")]
public readonly record struct NamedValue([property: Id(0)] string Name, [property: Id(1)] Scalar Value);
