using OrleansMl.Models;
using OrleansMl.Serving;

namespace OrleansMl.Services;

/// <summary>Loads and unloads versions of models that are known; what it has answered is visible to the next request on this silo.</summary>
internal sealed class VersionLoading(PlanCache plans, IGrainFactory grains)
{
    /// <summary>Loads a version, and keeps it loaded on every silo.</summary>
    public async Task<OmlResult<ModelVersionInfo>> LoadAsync(string model, int version, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IModelGrain>(model);
        var found = await grain.GetVersionAsync(version);
        if (!found.TryGet(out var info, out var error))
            return error;
        if (await ProveAsync(info.Manifest) is { } failure)
            return failure;
        var wanted = await grain.SetWantedAsync(version, true);
        if (!wanted.TryGet(out var after, out error))
            return error;
        await plans.CatchUpAsync(model, (await grain.GetPlanAsync()).Revision, cancellationToken);
        return WithLocalState(after);
    }

    /// <summary>Keeps a version loaded no more.</summary>
    public async Task<OmlResult<ModelVersionInfo>> UnloadAsync(string model, int version, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IModelGrain>(model);
        var unwanted = await grain.SetWantedAsync(version, false);
        if (!unwanted.TryGet(out var info, out var error))
            return error;
        await grains.GetGrain<IModelVersionGrain>(new ModelVersionId(model, version).ToGrainKey()).UnloadAsync();
        await plans.CatchUpAsync(model, (await grain.GetPlanAsync()).Revision, cancellationToken);
        return info with { State = VersionState.Unloaded };
    }

    /// <summary>Loads and warms a version somewhere, before a plan may name it; why not, where it cannot be.</summary>
    public async Task<OmlError?> ProveAsync(string model, int version)
    {
        var found = await grains.GetGrain<IModelGrain>(model).GetVersionAsync(version);
        return found.TryGet(out var info, out var error) ? await ProveAsync(info.Manifest) : error;
    }

    /// <summary>A version as it stands on this silo.</summary>
    public ModelVersionInfo WithLocalState(ModelVersionInfo info)
    {
        if (info.State != VersionState.Available || !plans.TryGet(info.Manifest.Model, out var view))
            return info;
        var life = view.LifeOf(info.Manifest.Version);
        return life?.State switch
        {
            LifeState.Available => life.Reason is null ? info : info with { Reason = life.Reason },
            LifeState.Warming => info with { State = VersionState.Warming },
            LifeState.Draining => info with { State = VersionState.Draining },
            LifeState.Unloaded => info with { State = VersionState.Unloaded, Reason = life.Reason },
            LifeState.Failed => info with { State = VersionState.Failed, Reason = life.Reason },
            _ => info with { State = VersionState.Loading, Reason = view.WhyNotReady(info.Manifest.Version) },
        };
    }

    private async Task<OmlError?> ProveAsync(VersionManifest manifest) =>
        (await grains.GetGrain<IModelVersionGrain>(new ModelVersionId(manifest.Model, manifest.Version).ToGrainKey()).LoadAsync(manifest)).Error;
}
