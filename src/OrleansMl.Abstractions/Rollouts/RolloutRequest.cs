namespace OrleansMl;

/// <summary>Roll a version out.</summary>
/// <param name="Candidate">The version.</param>
/// <param name="Reason">Why, for the log.</param>
/// <param name="By">Who.</param>
[GenerateSerializer, Immutable, Alias("oml.RolloutRequest")]
public sealed record RolloutRequest([property: Id(0)] int Candidate, [property: Id(1)] string Reason, [property: Id(2)] string By)
{
    /// <summary>The champion that the candidate was compared with; null: whichever it is.</summary>
    [Id(3)] public int? Expected { get; init; }

    /// <summary>The comparison that has shown the candidate to be better; null: the rollout must show it.</summary>
    [Id(4)] public PromotionEvidence? Proof { get; init; }
}
