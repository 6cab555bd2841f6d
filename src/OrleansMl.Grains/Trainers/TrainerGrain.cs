using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Live;
using OrleansMl.Models;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Trainers;

/// <inheritdoc cref="ITrainerGrain"/>
/// <remarks>
/// The stored state counts examples up to a sequence of the stream; the log keeps what lies behind it. So a crash repeats
/// work and never loses or doubles an example. Calls interleave, so that a delivery never waits behind one; whatever
/// touches the learner holds the gate.
/// </remarks>
[GrainType("oml.trainer")]
[ImplicitStreamSubscription(OmlStreams.Examples)]
internal sealed partial class TrainerGrain(
    [PersistentState("trainer", OmlNames.Storage)] IPersistentState<TrainerState> state,
    CatalogCache catalog,
    IArtifactStore artifacts,
    IStreamLog streams,
    ExampleSource source,
    LearnerInstruments instruments,
    IHostApplicationLifetime lifetime,
    ILogger<TrainerGrain> logger) : Grain, ITrainerGrain
{
    private const string By = "trainer";

    /// <summary>Names version 1, so that what it would have answered can always be compared.</summary>
    private const string BootstrapAlias = "bootstrap";

    /// <summary>Examples between two writes of the state: what a crash makes learn again at most.</summary>
    private const int StoreEvery = 2000;

    private static readonly TimeSpan StorePeriod = TimeSpan.FromSeconds(5);

    private readonly TrainerGate _gate = new();
    private CompiledModel? _model;
    private OnlineTrainer? _trainer;
    private long _applied;

    /// <summary>Sequence of the state as it is stored: only this may be told to the log, which forgets what lies before it.</summary>
    private long _durable;
    private bool _dirty;

    private string Model => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _applied = _durable = state.State.Offset;
        if (state.State.Pipeline is null)
            (state.State.Examples, state.State.Revision, state.State.Recomputed) = (0, 0, 0);
        this.RegisterGrainTimer(StoreIfIdleAsync, new GrainTimerCreationOptions(StorePeriod, StorePeriod));

        // What came while no trainer was active lies in the log.
        Wake();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _liveChanged.Raise();
        using var hold = await _gate.EnterAsync(cancellationToken);
        await StoreIfDirtyAsync();
    }

    public async Task<OmlResult<LearnerStatus>> GetAsync()
    {
        using var hold = await _gate.EnterAsync();
        return await StatusAsync();
    }

    public Task<double?> GetPriorAsync() => Task.FromResult(_trainer?.Prior);

    public async Task<OmlResult<LearnerStatus>> PauseAsync()
    {
        using var hold = await _gate.EnterAsync();
        await FollowCatalogAsync();
        await SetPausedAsync(true);
        return await StatusAsync();
    }

    public async Task<OmlResult<LearnerStatus>> ResumeAsync()
    {
        using var hold = await _gate.EnterAsync();
        await FollowCatalogAsync();
        if (state.State.Failure is { } failure)
            return OmlError.Conflict($"The learner of '{Model}' failed: {failure} Reset it to start anew.", "failed", "learner_failed");
        await SetPausedAsync(false);
        Wake();
        return await StatusAsync();
    }

    public async Task<OmlResult<LearnerStatus>> ResetAsync()
    {
        using var hold = await _gate.EnterAsync();
        if (await FollowCatalogAsync() is null)
            return catalog.Current.UnknownModel(Model);
        Forget();
        try
        {
            await StoreAsync();
        }
        catch
        {
            // What was not stored did not happen: the next call begins with the stored state.
            DeactivateOnIdle();
            throw;
        }

        Wake();
        return await StatusAsync();
    }

    public async Task<OmlResult<LearnerStatus>> SnapshotAsync()
    {
        using var hold = await _gate.EnterAsync();
        if (await FollowCatalogAsync() is not { IsLearning: true } trainer)
            return OmlError.Conflict($"The learner of '{Model}' is still bootstrapping; there is nothing to register yet.", "bootstrapping", "not_learned");
        var registered = await RegisterAsync(trainer);
        if (!registered.TryGet(out var version, out var error))
            return error;
        state.State.CandidateVersion = version.Manifest.Version;
        await StoreAsync();
        return await StatusAsync();
    }

    private async Task<OmlResult<LearnerStatus>> StatusAsync()
    {
        var trainer = await FollowCatalogAsync();
        var s = state.State;
        return new LearnerStatus
        {
            Model = Model,
            State = s.Failure is not null ? "failed" : s.Paused ? "paused" : trainer is { IsLearning: true } ? "learning" : "bootstrapping",
            Reason = s.Failure ?? s.Alarm,
            Examples = s.Examples,
            Recomputed = s.Recomputed,
            Losses = trainer?.Losses() ?? [],
            CandidateVersion = s.CandidateVersion,
            ChampionVersion = trainer?.ChampionVersion,
            Revision = s.Revision,
            Evidence = trainer?.Evidence(),
            Lineage = s.Lineage,
            Prior = trainer?.Prior,
            Held = trainer?.Held,
        };
    }

    /// <summary>Learns one example; false, and failed, when it could not be counted.</summary>
    private async Task<bool> LearnAsync(OnlineTrainer trainer, LabeledExample example)
    {
        try
        {
            trainer.Learn(example);
        }
        catch (Exception exception) when (exception is LearnerException or PipelineException or ArgumentOutOfRangeException)
        {
            return await MendAsync(trainer, example, exception) ?? await FailAsync(exception);
        }

        FeedLive(trainer, example);
        state.State.Examples++;
        if (example.Recomputed)
            state.State.Recomputed++;
        state.State.Revision++;
        return true;
    }

    /// <summary>Does what is due after an example; false when learning has to stop.</summary>
    private async Task<bool> TakeStepAsync(OnlineTrainer trainer, TrainerStep step)
    {
        switch (step)
        {
            case TrainerStep.Bootstrap:
                try
                {
                    // Off the turn's thread: a fit of many rows is work for the processor, not for the grain.
                    await Task.Run(trainer.Bootstrap);
                }
                catch (Exception exception) when (exception is LearnerException or PipelineException or ArgumentOutOfRangeException)
                {
                    return await FailAsync(exception);
                }

                foreach (var warning in trainer.Warnings)
                    LogPipelineWarning(logger, Model, warning);
                return await PromoteAsync(trainer, "bootstrap", null);
            case TrainerStep.Promote when _model!.Definition.Promotion?.Rollout is not null:
                return await RollOutAsync(trainer);
            case TrainerStep.Promote:
                return await PromoteAsync(trainer, "the learner's loss is lower than the champion's", trainer.Evidence());
            case TrainerStep.Snapshot:
                return await PromoteSnapshotAsync(trainer);
            case TrainerStep.PutBack:
                await PutBackAsync(trainer);
                return true;
            default:
                return true;
        }
    }

    /// <summary>Registers the learner as it stands, proves that it loads, makes it champion, stores.</summary>
    private async Task<bool> PromoteAsync(OnlineTrainer trainer, string reason, PromotionEvidence? evidence)
    {
        var registered = await RegisterAsync(trainer);
        if (!registered.TryGet(out var version, out var error))
            return IsReplaced(error) ? GiveWay() : await FailAsync(new LearnerException(error.Detail));
        var number = version.Manifest.Version;
        Announce(number);
        var grain = GrainFactory.GetGrain<IModelGrain>(Model);
        var info = (await grain.GetAsync()).Value;
        int? champion = info.Aliases.TryGetValue(ServingPlan.Champion, out var current) ? current : null;

        // Someone put another champion there by hand: the comparison was not with that one, so it decides nothing.
        if (evidence is not null && champion != trainer.ChampionVersion && champion != number)
        {
            LogForeignChampion(logger, Model, champion ?? 0);
            trainer.FollowChampion(champion);
            return true;
        }

        // A crash after this promotion and before the write below comes here again, and finds it done.
        if (champion != number)
        {
            var promoted = await grain.PromoteAsync(new PromotionRequest(number, champion, Force: evidence is null && champion is not null, reason, By, evidence) { Epoch = _epoch });
            if (!promoted.IsSuccess)
            {
                if (IsReplaced(promoted.Error!))
                    return GiveWay();
                LogNotPromoted(logger, Model, number, promoted.Error!.Detail);
                return true;
            }

            _basePlan = promoted.Value.PlanRevision;
        }

        if (evidence is null && !info.Aliases.ContainsKey(BootstrapAlias))
            await grain.SetAliasAsync(new AliasChange(BootstrapAlias, number, null, "the version that the bootstrap made", By));
        LogPromoted(logger, Model, number, evidence?.N ?? 0, evidence?.Estimate ?? 0);
        trainer.MarkChampion(number);
        (state.State.CandidateVersion, state.State.Alarm) = (null, null);
        await StoreAsync();
        return true;
    }

    private async Task<OmlResult<ModelVersionInfo>> RegisterAsync(OnlineTrainer trainer)
    {
        var (pipeline, model) = trainer.Snapshot();
        ImmutableArray<string> classes = _model!.Target!.Type == Declaration.TargetType.Binary ? [_model.Target.ClassName(0), _model.Target.ClassName(1)] : [];

        // Off the turn's thread: export is work for the processor, not for the grain.
        var export = await Task.Run(() => OnnxExporter.Export(pipeline, model, new ExportOptions { ModelName = Model, ClassLabels = classes }));
        var (postprocess, fitted, whyNot) = CalibrationStage.Fit(_model.Definition.Postprocess, trainer.Pairs);
        if (whyNot is not null)
            LogNotCalibrated(logger, Model, whyNot);
        var inspected = OnnxModelFile.Inspect(export.Full);
        if (!inspected.IsAccepted)
            return new OmlError("export_failed", 422, $"The export of '{Model}' is not a valid model: {inspected.Detail}");
        var tags = ImmutableSortedDictionary<string, string>.Empty;
        if (fitted is not null || whyNot is not null)
            tags = tags.Add("calibration", fitted ?? "none: " + whyNot);
        if (state.State.Recomputed > 0)
            tags = tags.Add("recomputed", state.State.Recomputed.ToString(CultureInfo.InvariantCulture));
        var manifest = new VersionManifest
        {
            Model = Model,
            ArtifactSha256 = await artifacts.PutAsync(export.Full),
            CoreSha256 = await artifacts.PutAsync(export.Core),
            Inputs = inspected.File.Signature.Inputs.ToInfos(),
            Outputs = inspected.File.Signature.Outputs.ToInfos(),
            Pipeline = pipeline.ToJson(),
            Postprocess = postprocess.IsEmpty ? null : new Postprocessor(postprocess).ToJson(),
            Parent = trainer.ChampionVersion,
            ArtifactBytes = export.Full.Length,
            Tags = tags
                .Add(ModelGrain.LearnerTag, _model.Definition.Learner!.Type)
                .Add("examples", state.State.Examples.ToString(CultureInfo.InvariantCulture))
                .Add("lineage", state.State.Lineage.ToString(CultureInfo.InvariantCulture))
                .Add("portable", pipeline.Portable ? "true" : "false"),
        };
        var registered = await RegisterAsync(manifest);
        if (!registered.TryGet(out var result, out var error))
            return error;
        var loaded = await GrainFactory.GetGrain<IModelVersionGrain>(new ModelVersionId(Model, result.Version.Manifest.Version).ToGrainKey()).LoadAsync(result.Version.Manifest);
        return loaded.IsSuccess ? result.Version : loaded.Error!;
    }

    /// <summary>The trainer for the definition in force; null when no application declares a learner for the model.</summary>
    private async ValueTask<OnlineTrainer?> FollowCatalogAsync()
    {
        await catalog.Loaded;
        var model = Declared();
        if (model is not null && ReferenceEquals(model, _model))
            return _trainer;

        // Lineages only rise: this silo has not heard of the last reset yet, and must not undo it.
        if (model is not null && model.Lineage < state.State.Lineage)
        {
            await catalog.CatchUpAsync(catalog.Current.Revision + 1);
            model = Declared();
        }

        if (model is null)
            return null;
        if (model.Lineage != state.State.Lineage)
        {
            var fresh = state.State.Lineage == 0;
            _model = model;
            state.State.Lineage = model.Lineage;
            if (!fresh)
                Forget();
        }

        // Rules may have changed while what was learned goes on: from the state in memory, else from the stored one.
        if (_trainer is { IsLearning: true })
            _trainer.Save(state.State);
        var bootstrapRows = _trainer is { IsLearning: false };
        _model = model;
        _trainer = new OnlineTrainer(model, state.State);
        if (bootstrapRows)
        {
            // The rows come again from the log, from where the stored sequence is.
            _applied = state.State.Offset;
            (state.State.Examples, state.State.Revision, state.State.Recomputed) = (0, 0, 0);
        }

        return _trainer;
    }

    private CompiledModel? Declared() =>
        catalog.Current.Models.TryGetValue(Model, out var model) && model.Definition.Learner is not null && model.Target is not null ? model : null;

    private async Task SetPausedAsync(bool paused)
    {
        var before = state.State.Paused;
        state.State.Paused = paused;
        try
        {
            await StoreAsync();
        }
        catch
        {
            state.State.Paused = before;
            throw;
        }
    }

    private void Forget()
    {
        var s = state.State;
        state.State = new TrainerState { Lineage = s.Lineage, Offset = _applied, Generation = s.Generation + 1, Epoch = s.Epoch };
        _trainer = _model is null ? null : new OnlineTrainer(_model, state.State);
        _dirty = true;
    }

    private async Task<bool> FailAsync(Exception exception)
    {
        LogFailed(logger, Model, exception);
        state.State.Failure = exception.Message;
        await StoreAsync();
        return false;
    }

    /// <summary>Now and then, unless something is under way, which stores by itself.</summary>
    private async Task StoreIfIdleAsync(CancellationToken cancellationToken)
    {
        if (!_gate.TryEnter(out var hold))
            return;
        using (hold)
        {
            await StoreIfDirtyAsync();
            await ReleaseAsync();
        }
    }

    private Task StoreIfDirtyAsync() => _dirty && _trainer is { IsLearning: true } ? StoreAsync() : Task.CompletedTask;

    private async Task StoreAsync()
    {
        if (_trainer is { IsLearning: true } trainer)
        {
            trainer.Save(state.State);
            state.State.Offset = _applied;
        }

        _dirty = false;
        try
        {
            await state.WriteStateAsync();
        }
        catch (Exception exception)
        {
            _dirty = true;

            // Another activation has stored: this one gives way.
            if (exception is InconsistentStateException)
                DeactivateOnIdle();
            throw;
        }

        _durable = state.State.Offset;
        PublishStored();
    }

    [LoggerMessage(LogLevel.Information, "The learner of {Model} made version {Version} champion (n={N}, mean gain {Gain:G4}).")]
    private static partial void LogPromoted(ILogger logger, string model, int version, long n, double gain);

    [LoggerMessage(LogLevel.Warning, "Version {Version} of {Model} was not promoted: {Reason}")]
    private static partial void LogNotPromoted(ILogger logger, string model, int version, string reason);

    [LoggerMessage(LogLevel.Warning, "Version {Version} was made champion of {Model} by hand; the learner is compared with it from now on.")]
    private static partial void LogForeignChampion(ILogger logger, string model, int version);

    [LoggerMessage(LogLevel.Warning, "Pipeline of {Model}: {Warning}")]
    private static partial void LogPipelineWarning(ILogger logger, string model, string warning);

    [LoggerMessage(LogLevel.Warning, "The new version of {Model} is not calibrated: {Reason}")]
    private static partial void LogNotCalibrated(ILogger logger, string model, string reason);

    [LoggerMessage(LogLevel.Error, "The learner of {Model} failed; its champion stays.")]
    private static partial void LogFailed(ILogger logger, string model, Exception exception);
}
