namespace OrleansMl;

/// <summary>A truth, by prediction id or by entity and target.</summary>
/// <param name="Id">Idempotency: unique per entity.</param>
/// <param name="PredictionId">The prediction it belongs to; null: every open prediction of the target whose window holds <paramref name="Time"/>.</param>
/// <param name="Target">Name of the target; null with a prediction id.</param>
/// <param name="Subject">The candidate it is about, for models with candidates; else null.</param>
/// <param name="Time">When it came true; null: the prediction's time, else now.</param>
/// <param name="Value">Class label, truth value or number, as the target's type demands.</param>
/// <param name="Source">Who says so; null: <c>api</c>.</param>
/// <param name="Revision">Higher replaces lower for the same prediction; 0: not given.</param>
[GenerateSerializer, Immutable, Alias("oml.OutcomeRecord")]
public sealed record OutcomeRecord(
    [property: Id(0)] string Id,
    [property: Id(1)] string? PredictionId,
    [property: Id(2)] string? Target,
    [property: Id(3)] string? Subject,
    [property: Id(4)] DateTime? Time,
    [property: Id(5)] Scalar Value,
    [property: Id(6)] string? Source,
    [property: Id(7)] int Revision)
{
    /// <summary>Why, in the words of whoever says so; kept with the prediction.</summary>
    [Id(8)] public string? Reason { get; init; }
}
