namespace OrleansMl;

/// <summary>The version that live answers stand on. While another is champion, that one answers.</summary>
/// <param name="Version">The last version that was cut from the learner and became champion.</param>
/// <param name="Coming">The version that is about to follow it; null: none is.</param>
/// <param name="PlanRevision">Revision of the plan that made it champion; a silo with an older plan will hear of it. 0: not known.</param>
[GenerateSerializer, Immutable, Alias("oml.LiveBase")]
public sealed record LiveBase([property: Id(0)] int Version, [property: Id(1)] int? Coming, [property: Id(2)] long PlanRevision);
