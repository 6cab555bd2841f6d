using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Rollouts;
using OrleansMl.Services;

namespace OrleansMl.Serving;

/// <summary>Runs versions in this process: for the requests that came here, and for those that other silos send.</summary>
internal sealed class LocalReplicas(
    CatalogCache catalog, PlanCache plans, ShadowRunner shadows, ServedAnswers answers, SequenceTracker sequences, ResponseCache cache, RecordedRequests recorded, EnsembleModels ensembles, InferModel infer)
{
    /// <summary>The version failed on the request; not: the request does not fit it.</summary>
    private const string CannotRun = "cannot_run";

    /// <summary>Runs one version, which a silo has chosen this one for.</summary>
    /// <param name="request">What is asked; its version is not looked at.</param>
    /// <param name="version">Number of the version.</param>
    /// <param name="isDrawn">The caller named no version: shadows answer it too, and a rollout counts it.</param>
    /// <param name="mayLoad">Wait until it is loaded; else it must be available.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<OmlResult<InferResult>> InferAsync(InferRequest request, int version, bool isDrawn, bool mayLoad, CancellationToken cancellationToken)
    {
        var id = new ModelVersionId(request.Model, version);
        VersionLease? lease;
        if (mayLoad)
        {
            if (!(await AcquireAsync(id, cancellationToken)).TryGet(out lease, out var error))
                return error;
        }
        else if (!plans.TryGet(request.Model, out var view) || !view.TryAcquire(version, out lease, out _))
        {
            return ReplicaErrors.IsNotHere(id);
        }

        using (lease)
            return await RunAsync(request, lease, isDrawn, cancellationToken);
    }

    /// <summary>Runs the version that a lease holds.</summary>
    public async Task<OmlResult<InferResult>> RunAsync(InferRequest request, VersionLease lease, bool isDrawn, CancellationToken cancellationToken)
    {
        var manifest = lease.Version.Manifest;
        var config = lease.View.ConfigOf(manifest);
        if (!config.RowsOf(request.Inputs).TryGet(out var rows, out var error))
            return error;
        if (config.Message.SequenceBatching is { } batching)
        {
            return sequences.Enter(request.Model, batching, request.Parameters, request.Inputs, rows, manifest).TryGet(out var turn, out error)
                ? await RunInSequenceAsync(request, lease, turn, rows, isDrawn, cancellationToken)
                : error;
        }

        var inputs = request.Inputs;
        ResponseKey? key = config.ResponseLife is not null && ensembles.StampOf(manifest) is { } stamp ? ResponseKey.Of(manifest, inputs, request.Outputs, stamp) : null;
        if (key is { } known && cache.Find(known, manifest.Model, manifest.Version) is { } kept)
            return new InferResult(request.Model, manifest.Version, kept) { Config = config };
        var run = await RunAsync(request, lease, config, inputs, rows, request.Outputs, isDrawn, cancellationToken);
        if (!run.TryGet(out var outputs, out error))
            return error;
        if (key is { } asked)
            cache.Keep(asked, outputs, config.ResponseLife!.Value);
        recorded.Take(manifest.Model, inputs);
        if (isDrawn)
            Shadow(request, inputs, outputs);
        return new InferResult(request.Model, manifest.Version, outputs) { Config = config };
    }

    /// <summary>A request of a sequence, on the version that the sequence was begun on, after those before it.</summary>
    private async Task<OmlResult<InferResult>> RunInSequenceAsync(InferRequest request, VersionLease lease, SequenceTurn turn, int rows, bool isDrawn, CancellationToken cancellationToken)
    {
        VersionLease? other = null;
        var version = turn.Sequence.Version;
        if (version != lease.Version.Manifest.Version && !lease.View.TryAcquire(version, out other, out _))
        {
            return OmlError.Invalid(
                $"The sequence was begun on version {version} of model '{request.Model}', which is not served any more; begin it anew, and specify the START flag.", ReplicaErrors.SequenceNotOpen);
        }

        using (other)
        {
            var on = other ?? lease;
            var manifest = on.Version.Manifest;
            var config = on.View.ConfigOf(manifest);
            await turn.Sequence.EnterAsync(cancellationToken);
            try
            {
                if (!SequenceState.Add(config, turn, rows).TryGet(out var inputs, out var error))
                    return error;
                var names = SequenceState.Outputs(config, manifest, request.Outputs, out var returned);
                if (!(await RunAsync(request, on, config, inputs, rows, names, isDrawn, cancellationToken)).TryGet(out var outputs, out error))
                    return error;
                SequenceState.Keep(config, turn.Sequence, outputs);
                return new InferResult(request.Model, version, outputs[..returned]) { Config = config };
            }
            finally
            {
                turn.Sequence.Leave();
            }
        }
    }

    /// <summary>Runs it, and counts the answer for a rollout: its queue, which is the version's own doing, included.</summary>
    private async ValueTask<OmlResult<Tensor[]>> RunAsync(
        InferRequest request, VersionLease lease, ServedConfig config, IReadOnlyList<Tensor> inputs, int rows, IReadOnlyList<string> names, bool isDrawn, CancellationToken cancellationToken)
    {
        var plan = lease.View.Plan;
        if (!isDrawn || plan.Rollout is null)
            return await RunAsync(request, lease, config, inputs, rows, names, cancellationToken);
        var (version, started) = (lease.Version.Manifest.Version, Stopwatch.GetTimestamp());
        var answer = await RunAsync(request, lease, config, inputs, rows, names, cancellationToken);
        if (answer.Error is not { } error)
            answers.Answered(plan, version, Stopwatch.GetElapsedTime(started));
        else if (error.Code == CannotRun)
            answers.Failed(plan, version);
        return answer;
    }

    private async ValueTask<OmlResult<Tensor[]>> RunAsync(
        InferRequest request, VersionLease lease, ServedConfig config, IReadOnlyList<Tensor> inputs, int rows, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        try
        {
            if (lease.Version.Ensemble is { } ensemble)
            {
                var combined = await ensemble.RunAsync(request with { Inputs = inputs, Outputs = names }, rows, infer, cancellationToken);
                return combined.TryGet(out var tensors, out var error) ? tensors as Tensor[] ?? [.. tensors] : error;
            }

            var priority = (int)Math.Min(request.Parameters.Priority, int.MaxValue);
            var answer = await lease.Version.BatcherOf(config).RunAsync(inputs, names, priority, request.Parameters.Timeout, cancellationToken);
            return answer.TryGet(out var outputs, out var rejection)
                ? outputs as Tensor[] ?? [.. outputs]
                : OmlError.Unavailable(rejection.Reason, $"Model '{request.Model}' version {lease.Version.Manifest.Version}: {rejection.Detail}");
        }
        catch (InferenceInputException exception)
        {
            return OmlError.Invalid(exception.Message);
        }
        catch (InferenceRunException exception)
        {
            return OmlError.Invalid(exception.Message, CannotRun);
        }
    }

    /// <summary>Scores vectors for a silo that loads no versions.</summary>
    public async Task<OmlResult<ImmutableArray<double>>> ScoreAsync(ReplicaVectors vectors, CancellationToken cancellationToken)
    {
        if (!catalog.Current.Models.TryGetValue(vectors.Version.Model, out var model))
            return catalog.Current.UnknownModel(vectors.Version.Model);
        if (!(await AcquireAsync(vectors.Version, cancellationToken)).TryGet(out var lease, out var error))
            return error;
        using (lease)
        {
            try
            {
                var width = model.AnswerWidth;
                var scores = new double[vectors.Vectors.Length * width];
                for (var i = 0; i < vectors.Vectors.Length; i++)
                    lease.Version.Score(model, vectors.Vectors[i], scores.AsSpan(i * width, width));
                return ImmutableCollectionsMarshal.AsImmutableArray(scores);
            }
            catch (ScoringException exception)
            {
                return new OmlError("cannot_score", 422, exception.Message);
            }
        }
    }

    /// <summary>A lease of one version, which is loaded if need be; not here where this silo's plan does not name it.</summary>
    private async Task<OmlResult<VersionLease>> AcquireAsync(ModelVersionId id, CancellationToken cancellationToken)
    {
        var acquired = await plans.AcquireAsync(id.Model, id.Version, null, null, cancellationToken);
        if (!acquired.TryGet(out var lease, out var error))
            return error.Status == 404 ? ReplicaErrors.IsNotHere(id) : error;
        return lease is null ? ReplicaErrors.IsNotHere(id) : lease;
    }

    private void Shadow(InferRequest request, IReadOnlyList<Tensor> given, IReadOnlyList<Tensor> returned)
    {
        var versions = shadows.ShadowsOf(request.Model);
        if (versions.Count == 0)
            return;
        // The request's buffers go back to their pool with the answer.
        Tensor[] inputs = [.. given.Select(t => t.Clone())];
        Tensor[] outputs = [.. returned.Select(t => t.Clone())];
        foreach (var version in versions)
            shadows.Post(request.Model, version, loaded => CompareAsync(loaded, request with { Inputs = inputs }, outputs));
    }

    private async ValueTask<ShadowComparison> CompareAsync(LoadedVersion shadow, InferRequest request, IReadOnlyList<Tensor> returned)
    {
        // A sequence goes on with the answer that was returned, not with its shadow.
        if (shadow.Ensemble is not { } ensemble)
            return ShadowComparison.OfTensors(returned, shadow.Artifact.Run(request.Inputs, request.Outputs));
        var answer = await ensemble.RunAsync(request with { Parameters = InferParameters.None }, 1, infer, CancellationToken.None);
        return ShadowComparison.OfTensors(returned, answer.TryGet(out var outputs, out var error) ? outputs : throw new InferenceRunException(error.Detail));
    }
}
