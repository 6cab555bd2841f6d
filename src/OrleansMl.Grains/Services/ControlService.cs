using System.Collections.Immutable;
using System.Text.Json;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Models;
using OrleansMl.Outcomes;
using OrleansMl.Predictions;
using OrleansMl.Serving;
using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <inheritdoc cref="IControlService"/>
internal sealed partial class ControlService(
    CatalogCache catalog,
    PlanCache plans,
    IGrainFactory grains,
    IArtifactStore artifacts,
    IPredictionLog predictions) : IControlService
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
        return info.IsSuccess ? WithLocalState(info.Value) : info;
    }

    public async Task<OmlResult<RegisterResult>> RegisterAsync(RegisterVersion registration, CancellationToken cancellationToken)
    {
        if (!Names.IsName(registration.Model))
            return OmlError.Invalid($"'{registration.Model}' is not a name for a model; allowed is {Names.Pattern}.");
        await catalog.Loaded.WaitAsync(cancellationToken);
        var inspected = OnnxModelFile.Inspect(registration.Artifact);
        if (!inspected.IsAccepted)
            return OmlError.Invalid(inspected.Detail, inspected.Code);
        if (WhyNotManifest(registration, inspected.File) is { } invalid)
            return invalid;

        var sha256 = await artifacts.PutAsync(registration.Artifact, cancellationToken);
        var manifest = new VersionManifest
        {
            Model = registration.Model,
            Version = registration.Version ?? 0,
            ArtifactSha256 = sha256,
            Inputs = inspected.File.Signature.Inputs.ToInfos(),
            Outputs = inspected.File.Signature.Outputs.ToInfos(),
            Pipeline = registration.Pipeline,
            Postprocess = registration.Postprocess,
            Parent = registration.Parent,
            Tags = registration.Tags,
            ArtifactBytes = registration.Artifact.Length,
        };
        var grain = grains.GetGrain<IModelGrain>(registration.Model);
        var registered = await grain.RegisterAsync(new RegisterRequest(manifest));
        if (!registered.TryGet(out var result, out var error))
            return error;

        await catalog.CatchUpAsync((await grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key).GetAsync()).Revision).WaitAsync(cancellationToken);

        // A model's first version serves at once: what else could a call to the model mean?
        if (result.Created && registration.MayServe && (await grain.GetPlanAsync()).Versions.IsEmpty)
        {
            var loaded = await LoadAsync(registration.Model, result.Version.Manifest.Version, cancellationToken);
            if (!loaded.TryGet(out var info, out var failure))
                return result with { Version = result.Version with { State = VersionState.Failed, Reason = failure.Detail } };
            result = result with { Version = info };
        }

        return result;
    }

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

    public async Task<OmlResult<ModelVersionInfo>> LoadAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        var grain = grains.GetGrain<IModelGrain>(model);
        var found = await grain.GetVersionAsync(version);
        if (!found.TryGet(out var info, out var error))
            return error;
        if (await LoadVersionAsync(info.Manifest) is { } failure)
            return failure;
        var wanted = await grain.SetWantedAsync(version, true);
        if (!wanted.TryGet(out var after, out error))
            return error;
        await plans.CatchUpAsync(model, (await grain.GetPlanAsync()).Revision, cancellationToken);
        return WithLocalState(after);
    }

    public async Task<OmlResult<ModelVersionInfo>> UnloadAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        var grain = grains.GetGrain<IModelGrain>(model);
        var unwanted = await grain.SetWantedAsync(version, false);
        if (!unwanted.TryGet(out var info, out var error))
            return error;
        await grains.GetGrain<IModelVersionGrain>(new ModelVersionId(model, version).ToGrainKey()).UnloadAsync();
        await plans.CatchUpAsync(model, (await grain.GetPlanAsync()).Revision, cancellationToken);
        return info with { State = VersionState.Unloaded };
    }

    public async Task<OmlResult<AliasResult>> SetAliasAsync(string model, AliasChange change, CancellationToken cancellationToken)
    {
        if (await WhyUnknownAsync(model, cancellationToken) is { } unknown)
            return unknown;
        var grain = grains.GetGrain<IModelGrain>(model);
        if (change.Version is { } version && await LoadVersionAsync(model, version) is { } failure)
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
            if (await LoadVersionAsync(model, version) is { } failure)
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
        if (await LoadVersionAsync(model, request.Candidate) is { } failure)
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

    public async Task<OmlResult<LoggedPrediction>> GetPredictionAsync(string predictionId, CancellationToken cancellationToken) =>
        await predictions.FindAsync(predictionId, cancellationToken) is { } record
            ? await DecodeAllAsync(record, cancellationToken)
            : OmlError.NotFound("unknown_prediction", $"There is no prediction '{predictionId}'.");

    public async Task<OmlResult<IReadOnlyList<LoggedPrediction>>> ListPredictionsAsync(PredictionListing listing, CancellationToken cancellationToken)
    {
        double? threshold = null;
        if (listing.Wrong == true)
        {
            if (listing.Model is null || !catalog.Current.Models.TryGetValue(listing.Model, out var model) || model.Target is not { } target)
                return OmlError.Invalid("wrong=true needs model=…, a declared model with a target.", "wrong_needs_model");
            var isRegression = target.Type == Declaration.TargetType.Regression;
            if (isRegression != listing.Error is not null)
            {
                return OmlError.Invalid(isRegression
                    ? $"Model '{model.Name}' predicts a number: say with error=… above which absolute error a prediction is wrong."
                    : $"Model '{model.Name}' predicts one of two classes, so error=… says nothing; leave it out.", "wrong_needs_error");
            }

            threshold = isRegression ? null : new Postprocessor(model.Definition.Postprocess).Threshold;
        }

        if (listing.EntityId is not null && listing.EntityType is null)
            return OmlError.Invalid("entityId needs entityType.", "entity_type_missing");
        var filter = new PredictionFilter
        {
            Model = listing.Model,
            Version = listing.Version,
            EntityKey = listing.EntityId is { } id ? new EntityId(listing.EntityType!, id).ToGrainKey() : null,
            EntityKeyPrefix = listing.EntityId is null && listing.EntityType is { } type ? new EntityId(type, "").ToGrainKey() : null,
            From = listing.From,
            To = listing.To,
            State = listing.State,
            WrongAtThreshold = threshold,
            WrongAboveError = listing.Wrong == true ? listing.Error : null,
            After = listing.PageToken,
            Limit = listing.Limit,
        };
        var records = await predictions.ListAsync(filter, cancellationToken);
        return records.Select(Decode).ToArray();
    }

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

    private async Task<OmlError?> LoadVersionAsync(string model, int version)
    {
        var found = await grains.GetGrain<IModelGrain>(model).GetVersionAsync(version);
        return found.TryGet(out var info, out var error) ? await LoadVersionAsync(info.Manifest) : error;
    }

    private async Task<OmlError?> LoadVersionAsync(VersionManifest manifest) =>
        (await grains.GetGrain<IModelVersionGrain>(new ModelVersionId(manifest.Model, manifest.Version).ToGrainKey()).LoadAsync(manifest)).Error;

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

    private ModelVersionInfo WithLocalState(ModelVersionInfo info)
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

    /// <summary>With all labels that came for it.</summary>
    private async Task<LoggedPrediction> DecodeAllAsync(PredictionRecord record, CancellationToken cancellationToken)
    {
        var target = catalog.Current.Models.TryGetValue(record.Model, out var model) ? model.Target : null;
        var history = await LabelHistory.OfAsync(predictions, record, cancellationToken);
        return Decode(record) with { History = [.. history.Labels.Select(l => new LoggedLabel(l, target?.FromLabel(l.Value) ?? Scalar.Of(l.Value)))] };
    }

    private LoggedPrediction Decode(PredictionRecord record)
    {
        var label = Scalar.Missing;
        if (record.Label is { } number)
            label = catalog.Current.Models.TryGetValue(record.Model, out var model) && model.Target is { } target ? target.FromLabel(number) : Scalar.Of(number);
        return new LoggedPrediction(record, record.EntityKey.Length == 0 ? null : EntityId.FromGrainKey(record.EntityKey), VectorCodec.Decode(record.Vector), label)
        {
            Answer = record.Response.IsEmpty ? null : JsonSerializer.Deserialize(record.Response.Span, ResponseJson.Default.PredictResponse),
        };
    }

    /// <summary>The given parts of a manifest must be readable, and the given signature the file's.</summary>
    private static OmlError? WhyNotManifest(RegisterVersion registration, OnnxModelFile file)
    {
        if (registration.Pipeline is { } pipeline)
        {
            try
            {
                _ = FittedPipeline.FromJson(pipeline);
            }
            catch (Exception exception) when (exception is FormatException or PipelineException)
            {
                return OmlError.Invalid($"The manifest's pipeline is not a fitted pipeline: {exception.Message}", "invalid_pipeline");
            }
        }

        if (registration.Postprocess is { } postprocess)
        {
            try
            {
                _ = Postprocessor.FromJson(postprocess);
            }
            catch (FormatException exception)
            {
                return OmlError.Invalid($"The manifest's post-processing cannot be read: {exception.Message}", "invalid_postprocess");
            }
        }

        foreach (var (given, actual, what) in new[] { (registration.Inputs, file.Signature.Inputs, "input"), (registration.Outputs, file.Signature.Outputs, "output") })
        {
            foreach (var tensor in given)
            {
                if (!actual.Any(a => a.Name == tensor.Name && a.Type.ToProtocolName() == tensor.Datatype))
                {
                    return OmlError.Invalid(
                        $"The manifest's signature names the {what} '{tensor.Name}' of {tensor.Datatype}, which the file does not have ({string.Join(", ", actual.Select(a => $"{a.Name} {a.Type.ToProtocolName()}"))}).",
                        "signature_mismatch");
                }
            }
        }

        return null;
    }
}
