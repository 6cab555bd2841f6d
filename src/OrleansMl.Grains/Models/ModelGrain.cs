using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace OrleansMl.Models;

/// <inheritdoc cref="IModelGrain"/>
[GrainType("oml.model"), KeepAlive]
internal sealed partial class ModelGrain(
    [PersistentState("model", OmlNames.Storage)] IPersistentState<ModelState> state,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    IHostApplicationLifetime lifetime) : Grain, IModelGrain
{
    /// <summary>The tag of versions that a learner made, with its type.</summary>
    internal const string LearnerTag = "learner";

    private readonly ChangeSignal _changed = new(lifetime);

    // What is stored: readers interleave with a write, and must not see what it may yet take back.
    private ServingPlan _plan = null!;
    private ModelInfo _info = null!;
    private ImmutableArray<Promotion> _promotions = [];

    private string Name => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _plan = state.State.ToPlan(Name);
        Publish();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _changed.Raise();
        return Task.CompletedTask;
    }

    public async Task<OmlResult<RegisterResult>> RegisterAsync(RegisterRequest request)
    {
        if (await FenceAsync(request.Epoch) is { } stale)
            return stale;
        var digest = ManifestDigest.Compute(request.Manifest);
        if (state.State.Versions.Find(v => v.Manifest.Digest == digest && ModelChanges.MayBeOfSameClasses(v.Manifest, request.Manifest)) is { } known)
            return new RegisterResult(Describe(known), false);
        if (request.Manifest.Version != 0 && state.State.Find(request.Manifest.Version) is { } taken)
        {
            return OmlError.Conflict(
                $"Version {request.Manifest.Version} of model '{Name}' has other content (digest {taken.Manifest.Digest[..12]}…); a version never changes. Use another number.",
                taken.Manifest.Digest, "version_taken");
        }

        // A number would otherwise say nothing of what a call to the model means.
        if (state.State.Versions.Find(v => v.Manifest.Ensemble is null != request.Manifest.Ensemble is null) is { } other)
        {
            return OmlError.Conflict(
                $"Version {other.Manifest.Version} of model '{Name}' is {(other.Manifest.Ensemble is null ? "a file" : "an ensemble")}, and what comes is {(request.Manifest.Ensemble is null ? "a file" : "an ensemble")}; a model has versions of one kind. Use another name.",
                code: "kind_differs");
        }

        // Every silo follows the plans of the models that the catalog names: first there, so that no version is unseen.
        if (state.State.LastVersion == 0)
            await GrainFactory.GetGrain<ICatalogGrain>(ICatalogGrain.Key).AddModelAsync(Name);

        var version = request.Manifest.Version != 0 ? request.Manifest.Version : state.State.LastVersion + 1;
        var stored = new StoredVersion(
            request.Manifest with { Model = Name, Version = version, Digest = digest },
            clock.GetUtcNow().UtcDateTime,
            Wanted: false);
        await ChangeAsync(publish: false, s => s.Add(stored));
        return new RegisterResult(Describe(stored), true);
    }

    public Task<OmlResult<ModelInfo>> GetAsync() => Task.FromResult<OmlResult<ModelInfo>>(_info);

    public Task<OmlResult<ModelVersionInfo>> GetVersionAsync(int version) =>
        Task.FromResult<OmlResult<ModelVersionInfo>>(_info.Versions.FirstOrDefault(v => v.Manifest.Version == version) is { } info ? info : UnknownVersion(version));

    public async Task<OmlResult<ModelVersionInfo>> DeleteVersionAsync(int version)
    {
        if (state.State.Find(version) is not { } stored)
            return UnknownVersion(version);
        if (state.State.Aliases.FirstOrDefault(a => a.Value == version).Key is { } alias)
            return InUse(version, $"alias '{alias}' names it; move or delete the alias first");
        if (state.State.IsInTraffic(version))
            return InUse(version, "traffic reaches it; change the traffic first");
        if (stored.Wanted)
            return InUse(version, "it is loaded; unload it first");
        await ChangeAsync(publish: false, s => s.Versions.RemoveAll(v => v.Manifest.Version == version));
        return Describe(stored);
    }

    public async Task<OmlResult<ModelVersionInfo>> SetWantedAsync(int version, bool wanted)
    {
        if (state.State.Find(version) is not { } stored)
            return UnknownVersion(version);
        if (!wanted && state.State.Aliases.FirstOrDefault(a => a.Value == version).Key is { } alias)
            return InUse(version, $"alias '{alias}' names it; move or delete the alias first");
        if (!wanted && state.State.IsInTraffic(version))
            return InUse(version, "traffic reaches it; change the traffic first");
        if (stored.Wanted != wanted)
            await ChangeAsync(publish: true, s => s.SetWanted(version, wanted), keep: wanted ? version : null);
        return Describe(state.State.Find(version)!);
    }

    public async Task<long> ConfigureAsync(string? configuration)
    {
        if (state.State.Configuration != configuration)
            await ChangeAsync(publish: true, s => s.Configuration = configuration);
        return state.State.PlanRevision;
    }

    public async Task<OmlResult<AliasResult>> SetAliasAsync(AliasChange change)
    {
        if (!Names.IsName(change.Alias))
            return OmlError.Invalid($"'{change.Alias}' is not a name for an alias; allowed is {Names.Pattern}.");
        var previous = state.State.VersionOf(change.Alias);
        if (previous != change.Expected)
            return Stale(change.Alias, change.Expected, previous);
        if (change.Version is { } version && state.State.Find(version) is null)
            return UnknownVersion(version);
        if (previous != change.Version)
        {
            await ChangeAsync(publish: true, s =>
            {
                s.MoveAlias(change.Alias, change.Version);
                if (change.Alias == ServingPlan.Champion && change.Version is { } champion)
                    s.Promotions.Add(Entry(s, previous, champion, change.By, "alias", change.Reason ?? "alias set", null));
            });
        }

        return new AliasResult(change.Alias, change.Version, previous, state.State.PlanRevision);
    }

    public async Task<OmlResult<TrafficResult>> SetTrafficAsync(TrafficChange change)
    {
        if (change.Traffic.WhyNot() is { } why)
            return OmlError.Invalid(why, "invalid_traffic");
        var revision = state.State.PlanRevision;
        if (change.Expected != revision)
            return OmlError.Conflict($"The plan of model '{Name}' has revision {revision}, not {change.Expected}; read the traffic again and decide anew.", revision.ToString(CultureInfo.InvariantCulture));
        foreach (var version in change.Traffic.Versions)
        {
            if (state.State.Find(version) is null)
                return UnknownVersion(version);
        }

        if (WhyNotRollout(change.Rollout) is { } foreign)
            return foreign;
        await ChangeAsync(publish: true, s =>
        {
            s.Rollout = change.Rollout;
            s.Traffic = change.Traffic is { Split.IsEmpty: true, Shadow.IsEmpty: true } ? null : change.Traffic;
            foreach (var version in change.Traffic.Versions)
                s.SetWanted(version, true);
        });
        return new TrafficResult(change.Traffic, state.State.PlanRevision);
    }

    public async Task<OmlResult<Promotion>> PromoteAsync(PromotionRequest request)
    {
        if (WhyNotForced(request) is { } unsaid)
            return unsaid;
        if (await FenceAsync(request.Epoch) is { } stale)
            return stale;
        if (state.State.Find(request.Candidate) is null)
            return UnknownVersion(request.Candidate);
        if (request.Rollout is { } rollout && state.State.Rollout?.Id != rollout)
            return RolloutEnded(rollout);
        var current = state.State.VersionOf(ServingPlan.Champion);
        if (current != request.Expected)
            return Stale(ServingPlan.Champion, request.Expected, current);
        if (current == request.Candidate)
            return OmlError.Conflict($"Version {request.Candidate} of model '{Name}' is the champion already.", Text(current), "already_champion");
        var decision = request.Force ? "forced" : current is null ? "bootstrap" : request.IsSnapshot ? "snapshot" : "promoted";
        if (decision == "promoted" && request.Evidence is null)
        {
            return new OmlError("insufficient_evidence", 422,
                $"Version {request.Candidate} of model '{Name}' comes without evidence against champion {current}; let the learner collect it, or send force with a reason.");
        }

        await ChangeAsync(publish: true, s =>
        {
            s.MoveAlias(ServingPlan.Champion, request.Candidate);
            s.Promotions.Add(Entry(s, current, request.Candidate, request.By, decision, request.Reason, request.Evidence) with { Rollout = request.Rollout });
        });
        return state.State.Promotions[^1];
    }

    public async Task<OmlResult<Promotion>> RollbackAsync(string by, string? reason)
    {
        if (state.State.Rollout is { } rollout)
            return await EndRolloutAsync(rollout, by, reason);
        var current = state.State.VersionOf(ServingPlan.Champion);
        var last = state.State.Promotions.FindLast(p => p.To == current && p.From is not null && p.Decision != "rollback");
        if (current is null || last?.From is not { } target || state.State.Find(target) is null)
            return OmlError.Conflict($"Model '{Name}' has no champion before {Text(current) ?? "none"} to go back to.", Text(current), "nothing_to_roll_back");
        await ChangeAsync(publish: true, s =>
        {
            s.MoveAlias(ServingPlan.Champion, target);
            s.Promotions.Add(Entry(s, current, target, by, "rollback", reason ?? "rolled back", null));
        });
        return state.State.Promotions[^1];
    }

    public Task<ImmutableArray<Promotion>> GetPromotionsAsync() => Task.FromResult(_promotions);

    public Task<ServingPlan> GetPlanAsync() => Task.FromResult(_plan);

    public async Task<ServingPlan> WaitForPlanAsync(long afterRevision, CancellationToken cancellationToken)
    {
        if (_plan.Revision <= afterRevision)
            await _changed.WaitAsync(cancellationToken);
        return _plan;
    }

    private Promotion Entry(ModelState s, int? from, int to, string by, string decision, string reason, PromotionEvidence? evidence) =>
        new(s.Promotions.Count + 1, from, to, clock.GetUtcNow().UtcDateTime, by, decision, reason, evidence) { PlanRevision = s.PlanRevision };

    /// <summary>Changes, stores, and only then publishes; a failed write leaves what was.</summary>
    private async Task ChangeAsync(bool publish, Action<ModelState> change, int? keep = null)
    {
        var before = state.State.Copy();
        if (publish)
            state.State.PlanRevision++;
        change(state.State);
        if (publish)
            state.State.TrimWanted(keep);
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = before;
            throw;
        }

        Publish();
        if (publish)
        {
            _plan = state.State.ToPlan(Name);
            _changed.Raise();
        }
    }

    private void Publish()
    {
        _info = new ModelInfo(Name, state.State.Aliases, state.State.PlanRevision, [.. state.State.Versions.Select(Describe)]) { Traffic = state.State.Traffic, Rollout = state.State.Rollout };
        _promotions = [.. state.State.Promotions];
    }

    private static ModelVersionInfo Describe(StoredVersion v) =>
        new(v.Manifest, v.Wanted ? VersionState.Available : VersionState.Registered, null, v.Created);

    private static string? Text(int? version) => version?.ToString(CultureInfo.InvariantCulture);

    private OmlError UnknownVersion(int version)
    {
        var available = state.State.Versions.Count == 0 ? "none" : string.Join(", ", state.State.Versions.Select(v => v.Manifest.Version));
        return OmlError.NotFound("unknown_version", $"Model '{Name}' has no version {version} (available: {available}).");
    }

    private OmlError InUse(int version, string why) =>
        OmlError.Conflict($"Version {version} of model '{Name}' is in use: {why}.", Text(version), "in_use");

    private OmlError Stale(string alias, int? expected, int? current) => OmlError.Conflict(
        $"Alias '{alias}' of model '{Name}' names {Text(current) ?? "no version"}, not {Text(expected) ?? "none"}; read it again and decide anew.", Text(current));
}
