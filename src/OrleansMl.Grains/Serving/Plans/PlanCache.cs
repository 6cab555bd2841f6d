using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;

namespace OrleansMl.Serving;

/// <summary>
/// This silo's view of every model's plan. It follows the model grains and carries out what the policy says: unless memory
/// is to be saved, a new plan becomes the view only when its versions are loaded, the old ones drain afterwards, so that no
/// request meets a version that is not there. A request for one that was evicted waits until it is loaded again.
/// </summary>
public sealed partial class PlanCache(IGrainFactory grains, CatalogCache catalog, ReplicaHost host, ColdStart coldStart, IVersionPolicy policy, ReplicaDirectory directory, ServingOptions options, ILogger<PlanCache> logger) : CatalogFollower(catalog)
{
    private readonly ConcurrentDictionary<string, Follower> _followers = new(StringComparer.Ordinal);

    /// <summary>Models with a plan that names a version.</summary>
    public IEnumerable<string> Models => _followers.Where(f => f.Value.View is { Plan.Versions.IsEmpty: false }).Select(f => f.Key).Order(StringComparer.Ordinal);

    /// <summary>The view as it stands.</summary>
    public bool TryGet(string model, [NotNullWhen(true)] out PlanView? view)
    {
        view = _followers.TryGetValue(model, out var follower) ? follower.View : null;
        return view is not null;
    }

    /// <summary>The view; of a model met for the first time, once it is here.</summary>
    public async ValueTask<PlanView> GetAsync(string model, CancellationToken cancellationToken)
    {
        if (TryGet(model, out var view))
            return view;
        return await CatchUpAsync(model, 0, cancellationToken);
    }

    /// <summary>
    /// A lease of the version that a request means; null, when the plan names none. A view that was replaced between looking
    /// and taking has retired its versions: then the new one is asked.
    /// </summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="version">A number; null: none is named.</param>
    /// <param name="alias">An alias; null: none is named.</param>
    /// <param name="entity">Whose call it is, for traffic that sticks to entities; null: nobody's.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<OmlResult<VersionLease?>> AcquireAsync(string model, int? version, string? alias, EntityId? entity, CancellationToken cancellationToken)
    {
        var wait = coldStart.Begin();
        while (true)
        {
            var view = await GetAsync(model, cancellationToken);
            var resolved = view.Resolve(version, alias, view.PointOf(entity));
            if (!resolved.TryGet(out var meant, out var error))
                return error;
            if (meant is null)
                return (VersionLease?)null;
            if (view.TryAcquire(meant.Value, out var lease, out _))
                return lease;
            if (TryGet(model, out var current) && ReferenceEquals(current, view) && await wait.WhyNotAsync(view, meant.Value, cancellationToken) is { } failed)
                return OmlError.Unavailable("not_ready", $"Model '{model}' version {meant} is not ready: {failed}.");
        }
    }

    /// <summary>Answers when the view has at least this revision of the plan.</summary>
    public async Task<PlanView> CatchUpAsync(string model, long revision, CancellationToken cancellationToken)
    {
        var follower = Follow(model);
        if (follower.View is { } view && view.Plan.Revision >= revision)
            return view;
        return await TakeAsync(follower, await grains.GetGrain<IModelGrain>(model).GetPlanAsync()).WaitAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await host.UnloadAllAsync();
    }

    /// <inheritdoc/>
    protected override void Follow(CompiledCatalog compiled)
    {
        foreach (var model in compiled.Snapshot.RegisteredModels)
            Follow(model);
    }

    private Follower Follow(string model)
    {
        if (_followers.TryGetValue(model, out var known))
            return known;
        var follower = new Follower(model);
        if (!_followers.TryAdd(model, follower))
            return _followers[model];
        _ = Task.Run(() => FollowAsync(follower));
        return follower;
    }

    private Task FollowAsync(Follower follower)
    {
        var grain = grains.GetGrain<IModelGrain>(follower.Model);
        return LongPoll.FollowAsync(AskAsync, exception => LogRetry(logger, follower.Model, exception), Stopping);

        async Task<bool> AskAsync(CancellationToken stopping)
        {
            var before = follower.View?.Plan.Revision;
            var plan = before is null ? await grain.GetPlanAsync() : await grain.WaitForPlanAsync(before.Value, stopping);
            await TakeAsync(follower, plan);
            return before is null || plan.Revision > before;
        }
    }

    /// <summary>Makes a plan the view, and the versions in memory those that it names, in the policy's order.</summary>
    private async Task<PlanView> TakeAsync(Follower follower, ServingPlan plan)
    {
        await follower.Gate.WaitAsync();
        try
        {
            // The same plan again is a chance for what could not be loaded before.
            if (follower.View is { } current && (current.Plan.Revision > plan.Revision || (current.Plan.Revision == plan.Revision && current.IsComplete)))
                return current;
            return await CarryOutAsync(follower, plan);
        }
        finally
        {
            follower.Gate.Release();
        }
    }

    private async Task<PlanView> CarryOutAsync(Follower follower, ServingPlan plan)
    {
        var view = new PlanView(plan, host, directory);
        if (!options.Serves)
        {
            follower.View = view;
            return view;
        }

        var loads = new List<Task>();
        var unloads = new List<Task>();
        var tried = new HashSet<int>();
        var isSwapped = false;
        host.Rank(plan);
        while (true)
        {
            switch (policy.Next(host.Snapshot(plan, isSwapped, tried)))
            {
                case VersionAction.Load { Id: var id }:
                    tried.Add(id.Version);
                    loads.Add(host.GetAsync(view.ManifestOf(id.Version)!, plan.Configuration));
                    break;
                case VersionAction.LeaveCold { Id: var id, Reason: var reason }:
                    tried.Add(id.Version);
                    host.LeaveCold(id, reason);
                    break;
                case VersionAction.Unload { Id: var id } when id.Model == plan.Model && view.ManifestOf(id.Version) is null:
                    unloads.Add(UnloadAsync(id));
                    break;
                case VersionAction.Unload { Id: var id }:
                    await host.EvictAsync(id);
                    break;
                case VersionAction.Swap:
                    // Another configuration of what is loaded already: its batches are warmed before requests come by it.
                    foreach (var manifest in plan.Versions)
                        await host.PrepareAsync(manifest, plan.Configuration);
                    follower.View = view;
                    isSwapped = true;
                    break;
                case VersionAction.Wait:
                    await WaitAsync(plan, loads, unloads);
                    break;
                default:
                    return view;
            }
        }
    }

    /// <summary>Waits for a load or a drain that is under way; those of others too, which a request or a proof has begun.</summary>
    private async Task WaitAsync(ServingPlan plan, List<Task> loads, List<Task> unloads)
    {
        foreach (var manifest in plan.Versions.Where(v => host.LifeOf(new ModelVersionId(plan.Model, v.Version)) is { State: LifeState.Queued or LifeState.Loading or LifeState.Warming }))
            loads.Add(host.GetAsync(manifest, plan.Configuration));
        var pending = loads.Concat(unloads).Where(t => !t.IsCompleted).ToArray();
        if (pending.Length > 0)
            await Task.WhenAny(pending);
        else
            await Task.Yield();
        loads.RemoveAll(t => t.IsCompleted);
        unloads.RemoveAll(t => t.IsCompleted);
    }

    private async Task UnloadAsync(ModelVersionId id)
    {
        try
        {
            await host.UnloadAsync(id);
        }
        catch (Exception exception)
        {
            LogUnloadFailed(logger, id.ToString(), exception);
        }
    }

    private sealed class Follower(string model)
    {
        private volatile PlanView? _view;

        public string Model { get; } = model;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public PlanView? View
        {
            get => _view;
            set => _view = value;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Following the plan of {Model} failed; trying again.")]
    private static partial void LogRetry(ILogger logger, string model, Exception exception);

    [LoggerMessage(LogLevel.Error, "Unloading {Version} failed.")]
    private static partial void LogUnloadFailed(ILogger logger, string version, Exception exception);
}
