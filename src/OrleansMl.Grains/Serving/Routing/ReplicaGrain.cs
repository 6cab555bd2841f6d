using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using OrleansMl.Inference;
using OrleansMl.Rollouts;
using OrleansMl.Services;

namespace OrleansMl.Serving;

/// <inheritdoc cref="IReplicaGrain"/>
[GrainType("oml.replica")]
[PreferLocalPlacement]
[Reentrant]
[KeepAlive]
internal sealed class ReplicaGrain(ILocalSiloDetails silo, ReplicaHost host, LocalReplicas local, ServedAnswers answers) : Grain, IReplicaGrain
{
    private bool _isStray;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _isStray = this.GetPrimaryKeyString() != ReplicaDirectory.KeyOf(silo.SiloAddress);
        return Task.CompletedTask;
    }

    public Task<bool> OpenAsync() => Task.FromResult(!IsStray());

    public async Task<ReplicaReply> InferAsync(ReplicaRequest request, CancellationToken cancellationToken)
    {
        if (IsStray())
            return new ReplicaReply([], ReplicaErrors.IsNotHere(request.Version), 0);
        var tensors = TensorMessage.ToTensors(request.Inputs);
        var inference = new InferRequest(request.Version.Model, null, tensors, request.Outputs) { Parameters = request.ToParameters(), Depth = request.Depth };

        // The run takes the processor for long: not on this grain's turns.
        var answered = await Task.Run(() => local.InferAsync(inference, request.Version.Version, request.IsShadowed, request.MayLoad, cancellationToken), cancellationToken);
        return answered.TryGet(out var result, out var error)
            ? new ReplicaReply(TensorMessage.Of(result.Outputs), null, host.LoadOf(request.Version), result.Version)
            : new ReplicaReply([], error, host.LoadOf(request.Version));
    }

    public async Task<OmlResult<ImmutableArray<double>>> ScoreAsync(ReplicaVectors vectors, CancellationToken cancellationToken) => IsStray()
        ? ReplicaErrors.IsNotHere(vectors.Version)
        : await Task.Run(() => local.ScoreAsync(vectors, cancellationToken), cancellationToken);

    public async Task<VersionProof> ProveAsync(VersionManifest manifest, string? configuration) => IsStray()
        ? new VersionProof($"silo {this.GetPrimaryKeyString()} is gone", null)
        : await host.ProveAsync(manifest, configuration);

    public Task<RolloutAnswers> ReadAnswersAsync(string model, RolloutMark mark) => Task.FromResult(IsStray() ? RolloutAnswers.None : answers.Read(model, mark));

    /// <summary>It stands for another silo, which is gone: it says so and goes too.</summary>
    private bool IsStray()
    {
        if (_isStray)
            DeactivateOnIdle();
        return _isStray;
    }
}
