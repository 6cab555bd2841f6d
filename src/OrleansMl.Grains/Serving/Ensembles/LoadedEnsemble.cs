using OrleansMl.Inference;
using OrleansMl.Services;

namespace OrleansMl.Serving;

/// <summary>Runs a model, as for any caller.</summary>
internal delegate Task<OmlResult<InferResult>> InferModel(InferRequest request, CancellationToken cancellationToken);

/// <summary>An ensemble in memory: its plan and its counts. Its models are loaded as any others, not with it.</summary>
internal sealed class LoadedEnsemble(VersionManifest manifest, EnsemblePlan plan, TimeProvider time, EnsembleRecorder recorder)
{
    /// <summary>Ensembles within ensembles, the outermost among them: circles that arise after a load end here.</summary>
    public const int MaxDepth = 8;

    public EnsemblePlan Plan => plan;

    public VersionManifest Manifest => manifest;

    public BatchingStatistics Statistics => recorder.Statistics;

    /// <summary>Runs the steps that the outputs asked for need, each when what it reads is there.</summary>
    /// <param name="request">Checked here against the ensemble's inputs and outputs.</param>
    /// <param name="rows">For the counts.</param>
    /// <param name="infer">Runs the model of a step.</param>
    /// <param name="cancellationToken">Gives the request up, and every step with it.</param>
    /// <returns>Outputs in the order asked for; or the error of a step, which it names, with its status.</returns>
    /// <exception cref="InferenceInputException">The request does not fit.</exception>
    public async Task<OmlResult<IReadOnlyList<Tensor>>> RunAsync(InferRequest request, int rows, InferModel infer, CancellationToken cancellationToken)
    {
        var wanted = plan.Check(request.Inputs, request.Outputs);
        if (request.Depth >= MaxDepth)
            return OmlError.Invalid($"Ensemble '{manifest.Model}' is the {MaxDepth + 1}th of ensembles within each other; the limit is {MaxDepth}, and ensembles that call each other in a circle reach it.", "cannot_run");
        var started = time.GetTimestamp();
        try
        {
            var result = await new EnsembleRun(this, request, infer, time).RunAsync(wanted, cancellationToken);
            if (result.Error is { } error)
                recorder.Failed(time.GetElapsedTime(started), error.Status == 503 ? error.Code : null);
            else
                recorder.Answered(rows, time.GetElapsedTime(started));
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            recorder.GivenUp(time.GetElapsedTime(started));
            throw;
        }
        catch
        {
            recorder.Failed(time.GetElapsedTime(started));
            throw;
        }
    }
}
