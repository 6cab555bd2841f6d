using System.Collections.Immutable;

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
