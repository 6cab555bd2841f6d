using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <summary>Which predictions to list.</summary>
public sealed record PredictionListing
{
    public string? Model { get; init; }

    public int? Version { get; init; }

    public string? EntityType { get; init; }

    public string? EntityId { get; init; }

    public DateTime? From { get; init; }

    public DateTime? To { get; init; }

    public PredictionState? State { get; init; }

    public bool? Wrong { get; init; }

    /// <summary>With <see cref="Wrong"/>, of a regression: the absolute error above which a prediction is wrong.</summary>
    public double? Error { get; init; }

    public string? PageToken { get; init; }

    public int Limit { get; init; } = 100;
}
