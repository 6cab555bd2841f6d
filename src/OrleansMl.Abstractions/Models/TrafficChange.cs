namespace OrleansMl;

/// <summary>Set the traffic of a model.</summary>
/// <param name="Expected">Revision of the plan that the change was decided on.</param>
/// <param name="Traffic">What shall stand.</param>
/// <param name="By">Who.</param>
[GenerateSerializer, Immutable, Alias("oml.TrafficChange")]
public sealed record TrafficChange([property: Id(0)] long Expected, [property: Id(1)] Traffic Traffic, [property: Id(2)] string By)
{
    /// <summary>The rollout that sets it; null: it is set by hand, which ends a rollout that is under way.</summary>
    [Id(3)] public RolloutMark? Rollout { get; init; }
}
