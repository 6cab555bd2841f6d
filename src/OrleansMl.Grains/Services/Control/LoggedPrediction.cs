using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <summary>A prediction with its vector decoded.</summary>
/// <param name="Record">As logged.</param>
/// <param name="Entity">Whose; null: none.</param>
/// <param name="Vector">Columns as served.</param>
/// <param name="Label">The label in the target's terms (class name or number); null: none.</param>
public sealed record LoggedPrediction(PredictionRecord Record, EntityId? Entity, ImmutableArray<FeatureValue> Vector, Scalar Label)
{
    /// <summary>The answer as it was given; null when it is not kept.</summary>
    public PredictResponse? Answer { get; init; }

    /// <summary>Labels that came for it, in their order; default in a listing, which does not read them.</summary>
    public ImmutableArray<LoggedLabel> History { get; init; }
}
