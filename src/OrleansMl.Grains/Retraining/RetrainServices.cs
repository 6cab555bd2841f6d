using System.Text.Json;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Serving;
using OrleansMl.Storage;

namespace OrleansMl.Retraining;

/// <summary>What retrainings of a silo share.</summary>
internal sealed record RetrainServices(
    IGrainFactory Grains,
    IPredictionLog Predictions,
    IDatasetStore Datasets,
    IArtifactStore Artifacts,
    VersionScorer Scorer,
    PlanCache Plans,
    JobOptions Options)
{
    /// <summary>The result of the job that a job repeats, a JSON object; null: it repeats none, or that has none.</summary>
    public async Task<JsonElement?> RepeatedAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (spec.RepeatOf is not { } id || !(await Grains.GetGrain<IJobGrain>(id).GetAsync()).TryGet(out var status, out _) || status.Result is not { } json)
            return null;
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
