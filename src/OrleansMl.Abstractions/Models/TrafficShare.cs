namespace OrleansMl;

/// <summary>A version's share of the calls: its weight over the sum of all.</summary>
[GenerateSerializer, Immutable, Alias("oml.TrafficShare")]
public sealed record TrafficShare([property: Id(0)] int Version, [property: Id(1)] double Weight);
