using System.Collections.Immutable;
using OrleansMl.Rollouts;

namespace OrleansMl.Serving;

/// <summary>
/// The versions of one silo, for the other silos (key: that silo's address). It stands on the silo of its key and nowhere else:
/// a reference that outlived the silo makes an activation that refuses everything and goes.
/// </summary>
internal interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>Stands, where it is called for the first time.</summary>
    Task<bool> OpenAsync();

    /// <summary>Runs a version that is available there; else <see cref="ReplicaErrors.NotHere"/>.</summary>
    Task<ReplicaReply> InferAsync(ReplicaRequest request, CancellationToken cancellationToken);

    /// <summary>Scores vectors by a version.</summary>
    Task<OmlResult<ImmutableArray<double>>> ScoreAsync(ReplicaVectors vectors, CancellationToken cancellationToken);

    /// <summary>Loads and warms a version by the configuration that it will be served with.</summary>
    Task<VersionProof> ProveAsync(VersionManifest manifest, string? configuration);

    /// <summary>How the versions of a rollout have answered there, in one of its stages.</summary>
    Task<RolloutAnswers> ReadAnswersAsync(string model, RolloutMark mark);
}
