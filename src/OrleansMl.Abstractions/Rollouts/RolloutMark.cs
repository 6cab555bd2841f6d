namespace OrleansMl;

/// <summary>A rollout as a serving plan names it: whose traffic it is, and which answers are counted for it.</summary>
/// <param name="Id">The rollout, counted from 1 within the model.</param>
/// <param name="Stage">Its stage, counted from 1: answers are counted anew in each.</param>
/// <param name="Champion">The version that it is compared with.</param>
/// <param name="Candidate">The version that is rolled out.</param>
[GenerateSerializer, Immutable, Alias("oml.RolloutMark")]
public sealed record RolloutMark([property: Id(0)] int Id, [property: Id(1)] int Stage, [property: Id(2)] int Champion, [property: Id(3)] int Candidate);
