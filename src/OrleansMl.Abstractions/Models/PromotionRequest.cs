namespace OrleansMl;

/// <summary>Make a version champion.</summary>
[GenerateSerializer, Immutable, Alias("oml.PromotionRequest")]
public sealed record PromotionRequest(
    [property: Id(0)] int Candidate,
    [property: Id(1)] int? Expected,
    [property: Id(2)] bool Force,
    [property: Id(3)] string Reason,
    [property: Id(4)] string By,
    [property: Id(5)] PromotionEvidence? Evidence)
{
    /// <summary>A live learner's state after so many updates: it answers already, so no evidence is needed that it shall.</summary>
    [Id(10)] public bool IsSnapshot { get; init; }

    /// <summary>Of the trainer that asks for it: one below the highest that the model has seen is refused. 0: no trainer does.</summary>
    [Id(6)] public long Epoch { get; init; }

    /// <summary>The rollout that it ends; it must be the one under way. Null: none.</summary>
    [Id(7)] public int? Rollout { get; init; }
}
