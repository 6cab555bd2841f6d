using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Catalog;
using OrleansMl.Learning;
using OrleansMl.Live;
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
        _network?.Dispose();
    }

    public async Task<OmlResult<LearnerStatus>> GetAsync()
    {
        using var hold = await _gate.EnterAsync();
        return await StatusAsync();
    }

    public Task<double?> GetPriorAsync() => Task.FromResult(_trainer?.Prior);

    public Task<ImmutableArray<double>> GetClassPriorAsync() => Task.FromResult(_trainer?.ClassPrior ?? []);

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
        var trainer = new OnlineTrainer(model, state.State);
        await EquipAsync(trainer, state.State.Network);
        _trainer = trainer;
        if (bootstrapRows)
        {
            // The rows come again from the log, from where the stored sequence is.
            _applied = state.State.Offset;
            (state.State.Examples, state.State.Revision, state.State.Recomputed) = (0, 0, 0);
        }

        // Followers that asked before the model was known wait for this.
        _liveChanged.Raise();
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

    [LoggerMessage(LogLevel.Error, "The learner of {Model} failed; its champion stays.")]
    private static partial void LogFailed(ILogger logger, string model, Exception exception);
}
