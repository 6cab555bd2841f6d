namespace OrleansMl.Wire;

/// <summary>An outcome as it came; either <paramref name="PredictionId"/> or <paramref name="Entity"/> and <paramref name="Target"/> is given.</summary>
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
