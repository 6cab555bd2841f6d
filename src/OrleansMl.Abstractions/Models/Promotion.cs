namespace OrleansMl;

/// <summary>One entry of the promotion log; never changed once written.</summary>
/// <param name="Id">Counts from 1.</param>
/// <param name="From">Champion before; null: none.</param>
/// <param name="To">Champion after.</param>
/// <param name="At">When, on the wall clock.</param>
/// <param name="By">Who: a name, or <c>trainer</c>.</param>
/// <param name="Decision">promoted | snapshot | forced | bootstrap | alias | rollback.</param>
/// <param name="Reason">In words.</param>
/// <param name="Evidence">What it rests on; null when forced or at bootstrap.</param>
[GenerateSerializer, Immutable, Alias("oml.Promotion")]
public sealed record Promotion(
    [property: Id(0)] int Id,
    [property: Id(1)] int? From,
    [property: Id(2)] int To,
    [property: Id(3)] DateTime At,
    [property: Id(4)] string By,
    [property: Id(5)] string Decision,
    [property: Id(6)] string Reason,
    [property: Id(7)] PromotionEvidence? Evidence)
{
    /// <summary>The plan's revision that made it so.</summary>
    [Id(8)] public long PlanRevision { get; init; }

    /// <summary>The rollout that it ended; null: none.</summary>
    [Id(9)] public int? Rollout { get; init; }
}
