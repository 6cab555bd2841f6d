using OrleansMl.Serving;

namespace OrleansMl.Models;

/// <inheritdoc cref="IModelVersionGrain"/>
/// <remarks>
/// It proves on a silo that serves, its own if it does, that the version loads and warms, before any plan names it; every
/// other one loads it when the plan arrives there.
/// </remarks>
[GrainType("oml.model-version")]
internal sealed class ModelVersionGrain(ReplicaRouter replicas) : Grain, IModelVersionGrain
{
    private VersionStatus _status = new(VersionState.Registered, null);

    public async Task<OmlResult<VersionStatus>> LoadAsync(VersionManifest manifest)
    {
        _status = new VersionStatus(VersionState.Loading, null);
        var reason = await replicas.ProveAsync(manifest);
        _status = reason is null ? new VersionStatus(VersionState.Available, null) : new VersionStatus(VersionState.Failed, reason);
        return _status.State == VersionState.Available
            ? _status
            : new OmlError("load_failed", 422, $"Version {manifest.Version} of model '{manifest.Model}' failed to load: {reason}");
    }

    public Task<OmlResult<VersionStatus>> UnloadAsync()
    {
        // The plan without it makes every silo drain and unload; here only the record changes.
        _status = new VersionStatus(VersionState.Unloaded, null);
        return Task.FromResult<OmlResult<VersionStatus>>(_status);
    }

    public Task<VersionStatus> GetAsync() => Task.FromResult(_status);
}
