using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <summary>
/// The control plane: applications, models, versions, aliases, learners. What it answers is visible to the next request
/// on this silo.
/// </summary>
public interface IControlService
{
    // ---- applications ----
    Task<OmlResult<ApplyResult>> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken);

    Task<OmlResult<ApplyResult>> DeleteApplicationAsync(string application, CancellationToken cancellationToken);

    /// <summary>All applied applications.</summary>
    CatalogSnapshot GetApplications();

    // ---- models ----
    Task<ImmutableArray<ModelInfo>> ListModelsAsync(CancellationToken cancellationToken);

    /// <summary>unknown_model when neither declared nor registered.</summary>
    Task<OmlResult<ModelInfo>> GetModelAsync(string model, CancellationToken cancellationToken);

    Task<OmlResult<ModelVersionInfo>> GetVersionAsync(string model, int version, CancellationToken cancellationToken);

    /// <summary>
    /// Checks the bytes (not_onnx, external_data), stores them, registers a version, loads it when it is the model's first.
    /// </summary>
    Task<OmlResult<RegisterResult>> RegisterAsync(RegisterVersion registration, CancellationToken cancellationToken);

    Task<OmlResult<ModelVersionInfo>> DeleteVersionAsync(string model, int version, CancellationToken cancellationToken);

    /// <summary>The artifact's bytes.</summary>
    Task<OmlResult<byte[]>> GetArtifactAsync(string model, int version, CancellationToken cancellationToken);

    Task<OmlResult<ModelVersionInfo>> LoadAsync(string model, int version, CancellationToken cancellationToken);

    Task<OmlResult<ModelVersionInfo>> UnloadAsync(string model, int version, CancellationToken cancellationToken);

    /// <summary>Loads the version, then swaps.</summary>
    Task<OmlResult<AliasResult>> SetAliasAsync(string model, AliasChange change, CancellationToken cancellationToken);

    /// <summary>Loads the versions that it names, then swaps.</summary>
    Task<OmlResult<TrafficResult>> SetTrafficAsync(string model, TrafficChange change, CancellationToken cancellationToken);

    Task<OmlResult<Promotion>> PromoteAsync(string model, PromotionRequest request, CancellationToken cancellationToken);

    Task<OmlResult<Promotion>> RollbackAsync(string model, string by, string? reason, CancellationToken cancellationToken);

    Task<OmlResult<ImmutableArray<Promotion>>> GetPromotionsAsync(string model, CancellationToken cancellationToken);

    // ---- rollouts ----

    /// <summary>Loads the candidate and begins to roll it out.</summary>
    Task<OmlResult<Rollout>> StartRolloutAsync(string model, RolloutRequest request, CancellationToken cancellationToken);

    /// <param name="model">Name of the model.</param>
    /// <param name="id">The rollout.</param>
    /// <param name="command">pause | resume | abort.</param>
    /// <param name="by">Who.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<OmlResult<Rollout>> CommandRolloutAsync(string model, int id, string command, string by, CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    Task<OmlResult<ImmutableArray<Rollout>>> GetRolloutsAsync(string model, CancellationToken cancellationToken);

    // ---- learner ----
    Task<OmlResult<LearnerStatus>> GetLearnerAsync(string model, CancellationToken cancellationToken);

    /// <param name="model">Name of the model.</param>
    /// <param name="command">pause | resume | reset | snapshot.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<OmlResult<LearnerStatus>> CommandLearnerAsync(string model, string command, CancellationToken cancellationToken);

    // ---- predictions ----
    Task<OmlResult<LoggedPrediction>> GetPredictionAsync(string predictionId, CancellationToken cancellationToken);

    Task<OmlResult<IReadOnlyList<LoggedPrediction>>> ListPredictionsAsync(PredictionListing listing, CancellationToken cancellationToken);

    /// <summary>Null when this silo can answer; else why not (for readiness).</summary>
    string? WhyNotReady();
}

/// <summary>A file to register as a version.</summary>
/// <param name="Model">Name of the model; made if it is new.</param>
/// <param name="Artifact">ONNX bytes.</param>
public sealed record RegisterVersion(string Model, ReadOnlyMemory<byte> Artifact)
{
    /// <summary>Pipeline of the manifest as JSON; null: none.</summary>
    public string? Pipeline { get; init; }

    /// <summary>Post-processing of the manifest as JSON; null: none.</summary>
    public string? Postprocess { get; init; }

    /// <summary>Signature of the manifest, to be compared with the file's: names; empty: not given.</summary>
    public ImmutableArray<TensorInfo> Inputs { get; init; } = [];

    public ImmutableArray<TensorInfo> Outputs { get; init; } = [];

    public int? Parent { get; init; }

    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Give it this version number (a models folder does); null: the next.</summary>
    public int? Version { get; init; }

    /// <summary>It serves at once where no other version does; false: whoever registers it decides that.</summary>
    public bool MayServe { get; init; } = true;
}

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

/// <summary>A label that came for a prediction.</summary>
/// <param name="Statement">As it is kept.</param>
/// <param name="Value">The label in the target's terms.</param>
public sealed record LoggedLabel(LabelStatement Statement, Scalar Value);

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
