using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Serving;
using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <inheritdoc cref="IControlService"/>
internal sealed class ControlService(
    CatalogCache catalog,
    PlanCache plans,
    IGrainFactory grains,
    IArtifactStore artifacts,
    VersionRegistration registrations,
    VersionLoading loading,
    LoggedPredictions predictions) : IControlService
{
    public async Task<OmlResult<ApplyResult>> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken)
    {
        var applied = await grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key).ApplyAsync(request);
        if (applied.IsSuccess)
            await catalog.CatchUpAsync(applied.Value.CatalogRevision).WaitAsync(cancellationToken);
        return applied;
    }

    public async Task<OmlResult<ApplyResult>> DeleteApplicationAsync(string application, CancellationToken cancellationToken)
    {
        var deleted = await grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key).DeleteAsync(application);
        if (deleted.IsSuccess)
            await catalog.CatchUpAsync(deleted.Value.CatalogRevision).WaitAsync(cancellationToken);
        return deleted;
    }

    public CatalogSnapshot GetApplications() => catalog.Current.Snapshot;

    public async Task<ImmutableArray<ModelInfo>> ListModelsAsync(CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        var names = catalog.Current.Models.Keys.Union(catalog.Current.Snapshot.RegisteredModels).Order(StringComparer.Ordinal);
        var infos = await Task.WhenAll(names.Select(n => grains.GetGrain<IModelGrain>(n).GetAsync()));
        return [.. infos.Where(i => i.IsSuccess).Select(i => i.Value)];
    }

    public async Task<OmlResult<ModelInfo>> GetModelAsync(string model, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } error ? error : await grains.GetGrain<IModelGrain>(model).GetAsync();

    public async Task<OmlResult<ModelVersionInfo>> GetVersionAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } error)
            return error;
        var info = await grains.GetGrain<IModelGrain>(model).GetVersionAsync(version);
        return info.IsSuccess ? loading.WithLocalState(info.Value) : info;
    }

    public Task<OmlResult<RegisterResult>> RegisterAsync(RegisterVersion registration, CancellationToken cancellationToken) =>
        registrations.RegisterAsync(registration, cancellationToken);

    public async Task<OmlResult<ModelVersionInfo>> DeleteVersionAsync(string model, int version, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } error ? error : await grains.GetGrain<IModelGrain>(model).DeleteVersionAsync(version);

    public async Task<OmlResult<byte[]>> GetArtifactAsync(string model, int version, CancellationToken cancellationToken)
    {
        var info = await GetVersionAsync(model, version, cancellationToken);
        if (!info.TryGet(out var found, out var error))
            return error;
        try
        {
            return await artifacts.GetAsync(found.Manifest.ArtifactSha256, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
        {
            return OmlError.Unavailable("artifact_missing", $"The artifact of version {version} of model '{model}' cannot be read: {exception.Message}");
        }
    }

    public async Task<OmlResult<ModelVersionInfo>> LoadAsync(string model, int version, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } unknown ? unknown : await loading.LoadAsync(model, version, cancellationToken);

    public async Task<OmlResult<ModelVersionInfo>> UnloadAsync(string model, int version, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } unknown ? unknown : await loading.UnloadAsync(model, version, cancellationToken);

    public async Task<OmlResult<AliasResult>> SetAliasAsync(string model, AliasChange change, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        var grain = grains.GetGrain<IModelGrain>(model);
        if (change.Version is { } version && await loading.ProveAsync(model, version) is { } failure)
            return failure;
        var moved = await grain.SetAliasAsync(change);
        if (moved.IsSuccess)
            await plans.CatchUpAsync(model, moved.Value.PlanRevision, cancellationToken);
        return moved;
    }

    public async Task<OmlResult<TrafficResult>> SetTrafficAsync(string model, TrafficChange change, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        foreach (var version in change.Traffic.Versions)
        {
            if (await loading.ProveAsync(model, version) is { } failure)
                return failure;
        }

        var set = await grains.GetGrain<IModelGrain>(model).SetTrafficAsync(change);
        if (set.IsSuccess)
            await plans.CatchUpAsync(model, set.Value.PlanRevision, cancellationToken);
        return set;
    }

    public async Task<OmlResult<Promotion>> PromoteAsync(string model, PromotionRequest request, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        if (await loading.ProveAsync(model, request.Candidate) is { } failure)
            return failure;
        var evidence = request.Evidence;
        if (!request.Force && evidence is null && catalog.Current.Models.TryGetValue(model, out var compiled) && compiled.Definition.Learner is not null)
        {
            var learner = await grains.GetGrain<ITrainerGrain>(model).GetAsync();
            if (learner.IsSuccess && learner.Value.CandidateVersion == request.Candidate && learner.Value.Evidence is { Lower: > 0 } running)
                evidence = running;
        }

        return await CatchUpAsync(model, await grains.GetGrain<IModelGrain>(model).PromoteAsync(request with { Evidence = evidence }), cancellationToken);
    }

    public async Task<OmlResult<Promotion>> RollbackAsync(string model, string by, string? reason, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } unknown
            ? unknown
            : await CatchUpAsync(model, await grains.GetGrain<IModelGrain>(model).RollbackAsync(by, reason), cancellationToken);

    public async Task<OmlResult<ImmutableArray<Promotion>>> GetPromotionsAsync(string model, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } unknown ? unknown : await grains.GetGrain<IModelGrain>(model).GetPromotionsAsync();

    public async Task<OmlResult<Rollout>> StartRolloutAsync(string model, RolloutRequest request, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } unknown
            ? unknown
            : await CatchUpAsync(model, await grains.GetGrain<IRolloutGrain>(model).StartAsync(request), cancellationToken);

    public async Task<OmlResult<Rollout>> CommandRolloutAsync(string model, int id, string command, string by, CancellationToken cancellationToken) =>
        await WhyUnknownAsync(model, cancellationToken) is { } unknown
            ? unknown
            : await CatchUpAsync(model, await grains.GetGrain<IRolloutGrain>(model).CommandAsync(id, command, by), cancellationToken);

    public async Task<OmlResult<ImmutableArray<Rollout>>> GetRolloutsAsync(string model, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        var grain = grains.GetGrain<IRolloutGrain>(model);
        var rollouts = await grain.ListAsync();
        if (rollouts is not [.., { IsUnderWay: true }])
            return rollouts;
        await grain.ReviewAsync();
        return await grain.ListAsync();
    }

    public async Task<OmlResult<LearnerStatus>> GetLearnerAsync(string model, CancellationToken cancellationToken) =>
        await WhyNoLearnerAsync(model, cancellationToken) is { } error ? error : await grains.GetGrain<ITrainerGrain>(model).GetAsync();

    public async Task<OmlResult<LearnerStatus>> CommandLearnerAsync(string model, string command, CancellationToken cancellationToken)
    {
        if (await WhyNoLearnerAsync(model, cancellationToken) is { } error)
            return error;
        var trainer = grains.GetGrain<ITrainerGrain>(model);
        return command switch
        {
            "pause" => await trainer.PauseAsync(),
            "resume" => await trainer.ResumeAsync(),
            "reset" => await trainer.ResetAsync(),
            "snapshot" => await trainer.SnapshotAsync(),
            _ => OmlError.NotFound("unknown_command", $"A learner knows no '{command}'; it knows pause, resume, reset, snapshot."),
        };
    }

    public Task<OmlResult<LoggedPrediction>> GetPredictionAsync(string predictionId, CancellationToken cancellationToken) =>
        predictions.FindAsync(predictionId, cancellationToken);

    public Task<OmlResult<IReadOnlyList<LoggedPrediction>>> ListPredictionsAsync(PredictionListing listing, CancellationToken cancellationToken) =>
        predictions.ListAsync(listing, cancellationToken);

    public string? WhyNotReady()
    {
        if (!catalog.Loaded.IsCompleted)
            return "the catalog is not loaded yet";
        foreach (var model in plans.Models)
        {
            if (plans.TryGet(model, out var view) && view.Plan.Default is { } version && view.WhyNotReady(version) is { } why)
                return $"version {version} of model '{model}' is not ready: {why}";
        }

        return catalog.Current.Snapshot.RegisteredModels.FirstOrDefault(m => !plans.TryGet(m, out _)) is { } waiting
            ? $"model '{waiting}' is being loaded"
            : null;
    }

    private async Task<OmlResult<Promotion>> CatchUpAsync(string model, OmlResult<Promotion> promoted, CancellationToken cancellationToken)
    {
        if (promoted.IsSuccess)
            await plans.CatchUpAsync(model, promoted.Value.PlanRevision, cancellationToken);
        return promoted;
    }

    private async Task<OmlResult<Rollout>> CatchUpAsync(string model, OmlResult<Rollout> rollout, CancellationToken cancellationToken)
    {
        if (rollout.IsSuccess)
            await plans.CatchUpAsync(model, (await grains.GetGrain<IModelGrain>(model).GetPlanAsync()).Revision, cancellationToken);
        return rollout;
    }

    private async Task<OmlError?> WhyUnknownAsync(string model, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        var current = catalog.Current;
        return current.Models.ContainsKey(model) || current.Snapshot.RegisteredModels.Contains(model) ? null : current.UnknownModel(model);
    }

    private async Task<OmlError?> WhyNoLearnerAsync(string model, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        return catalog.Current.Models.TryGetValue(model, out var compiled) && compiled.Definition.Learner is not null
            ? null
            : OmlError.NotFound("no_learner", $"Model '{model}' declares no learner.");
    }
}
