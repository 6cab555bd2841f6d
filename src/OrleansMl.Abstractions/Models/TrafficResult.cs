namespace OrleansMl;

/// <summary>Traffic as it stands.</summary>
[GenerateSerializer, Immutable, Alias("oml.TrafficResult")]
public sealed record TrafficResult([property: Id(0)] Traffic Traffic, [property: Id(1)] long PlanRevision);
