namespace OrleansMl.Wire;

/// <summary>An outcome as it came; either <paramref name="PredictionId"/> or <paramref name="Entity"/> and <paramref name="Target"/> is given.</summary>
/// <param name="Id">The sender's: 1 to 256 bytes of UTF-8.</param>
/// <param name="PredictionId">The prediction that it is the truth of.</param>
/// <param name="Entity">Whose truth.</param>
/// <param name="Target">Of which target.</param>
/// <param name="Subject">The candidate that it is about; null: the model ranks none.</param>
/// <param name="Time">When it came about, UTC; null: not said.</param>
/// <param name="Value">Class or number.</param>
/// <param name="Source">Who says so; null: not said.</param>
/// <param name="Revision">Of the same id a higher one stands; 0 at first.</param>
public sealed record IngestOutcome(
    string Id,
    string? PredictionId,
    EntityId? Entity,
    string? Target,
    string? Subject,
    DateTime? Time,
    Scalar Value,
    string? Source,
    int Revision)
{
    /// <summary>Why, in the sender's words; null: not said.</summary>
    public string? Reason { get; init; }
}
