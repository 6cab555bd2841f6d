using Microsoft.Extensions.Logging;
using OrleansMl.Serving;

namespace OrleansMl.Models;

/// <inheritdoc cref="IModelVersionGrain"/>
/// <remarks>
/// It proves on a silo that serves, its own if it does, that the version loads and warms as the model is configured, before any
/// plan names it; every other one loads it when the plan arrives there.
/// </remarks>
[GrainType("oml.model-version")]
internal sealed partial class ModelVersionGrain(ReplicaRouter replicas, ILogger<ModelVersionGrain> logger) : Grain, IModelVersionGrain
{
    private VersionStatus _status = new(VersionState.Registered, null);

    public async Task<OmlResult<VersionStatus>> LoadAsync(VersionManifest manifest)
    {
        _status = new VersionStatus(VersionState.Loading, null);
        var plan = await GrainFactory.GetGrain<IModelGrain>(manifest.Model).GetPlanAsync();
        var (refusal, notProven) = await replicas.ProveAsync(manifest, plan.Configuration);
        if (refusal is not null)
        {
            _status = new VersionStatus(VersionState.Failed, refusal);
            return new OmlError("load_failed", 422, $"Version {manifest.Version} of model '{manifest.Model}' failed to load: {refusal}");
        }

        if (notProven is not null)
            LogNotProven(logger, manifest.Model, manifest.Version, notProven);
        _status = new VersionStatus(VersionState.Available, notProven is null ? null : $"not proven as it is configured: {notProven}");
        return _status;
    }

    public Task<OmlResult<VersionStatus>> UnloadAsync()
    {
        // The plan without it makes every silo drain and unload; here only the record changes.
        _status = new VersionStatus(VersionState.Unloaded, null);
        return Task.FromResult<OmlResult<VersionStatus>>(_status);
    }

    public Task<VersionStatus> GetAsync() => Task.FromResult(_status);

    [LoggerMessage(LogLevel.Warning, "{Model} version {Version} loads, but no silo that could be asked has proven that it runs as it is configured: {Reason}")]
    private static partial void LogNotProven(ILogger logger, string model, int version, string reason);
}
