using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansMl.Catalog;
using OrleansMl.Trainers;

namespace OrleansMl.Rollouts;

/// <inheritdoc cref="IRolloutGrain"/>
/// <remarks>
/// The serving plan leads, this state follows: a step is taken by compare-and-swap on the plan, which carries the rollout's
/// mark, and is written down here afterwards. So whatever a crash leaves undone is seen in the plan, and whoever else changes
/// the plan ends the rollout by that alone. What is decided is the policy's; this grain gathers and carries out.
/// </remarks>
[GrainType("oml.rollout")]
internal sealed partial class RolloutGrain(
    [PersistentState("rollouts", OmlNames.Storage)] IPersistentState<RolloutLog> state,
    CatalogCache catalog,
    RolloutOutcomes outcomes,
    PairedScorer scorer,
    AnswerReader answers,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    ILogger<RolloutGrain> logger) : Grain, IRolloutGrain
{
    /// <summary>Rollouts that are remembered here; what became champion stands in the promotion log for good.</summary>
    private const int Kept = 100;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>What readers see: they interleave with a write.</summary>
    private ImmutableArray<Rollout> _shown = [];
    private ChampionComparison? _paired;
    private ServedComparison? _served;
    private CompiledModel? _comparedBy;

    private string Model => this.GetPrimaryKeyString();

    private IModelGrain Owner => GrainFactory.GetGrain<IModelGrain>(Model);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private Rollout? Current => state.State.Rollouts is [.., { IsUnderWay: true } last] ? last : null;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _shown = [.. state.State.Rollouts];

        // A plan that was changed by hand does not name the rollout any more: nobody but this timer would look.
        this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(Period, Period));
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<Rollout>> ListAsync() => Task.FromResult(_shown);

    public async Task<OmlResult<Rollout>> StartAsync(RolloutRequest request)
    {
        await ReviewAsync();
        if (Current is { } running)
            return OmlError.Conflict($"Rollout {running.Id} of model '{Model}' is under way (version {running.Candidate}); wait for its end or abort it.", Text(running.Id), "rollout_running");
        if (!catalog.Current.Models.TryGetValue(Model, out var model) || model.Target is null)
            return OmlError.Conflict($"Model '{Model}' declares no target, so there are no outcomes to judge a candidate by; promote it by hand (POST promotions with force).", code: "no_target");
        var info = (await Owner.GetAsync()).Value;
        if (WhyNot(request, info) is { } error)
            return error;
        var champion = info.Aliases[ServingPlan.Champion];
        var found = await Owner.GetVersionAsync(request.Candidate);
        if (!found.TryGet(out var version, out error))
            return error;
        var loaded = await GrainFactory.GetGrain<IModelVersionGrain>(new ModelVersionId(Model, request.Candidate).ToGrainKey()).LoadAsync(version.Manifest);
        if (!loaded.IsSuccess)
            return loaded.Error!;

        var rollout = new Rollout
        {
            Id = state.State.LastId + 1,
            Model = Model,
            Candidate = request.Candidate,
            Champion = champion,
            By = request.By,
            Reason = request.Reason,
            Started = Now,
            Proof = request.Proof,
        };
        state.State.Sequence = await outcomes.EndAsync(Model);
        state.State.LastId = rollout.Id;
        (state.State.Paired, state.State.ChampionServed, state.State.CandidateServed) = (null, null, null);
        (_paired, _served) = (null, null);
        state.State.Rollouts.Add(rollout);
        if (state.State.Rollouts.Count > Kept)
            state.State.Rollouts.RemoveAt(0);
        await StoreAsync();
        await ReviewAsync();
        LogStarted(logger, Model, rollout.Id, rollout.Candidate, rollout.Champion);
        return Find(rollout.Id)!;
    }

    public async Task<OmlResult<Rollout>> CommandAsync(int id, string command, string by)
    {
        await ReviewAsync();
        if (Find(id) is not { } rollout)
            return OmlError.NotFound("unknown_rollout", $"Model '{Model}' has no rollout {id}; GET /api/v1/models/{Model}/rollouts lists them.");
        if (!rollout.IsUnderWay)
            return OmlError.Conflict($"Rollout {id} of model '{Model}' has ended ({rollout.Why}); begin another one.", Name(rollout.State), "rollout_ended");
        switch (command)
        {
            case "pause":
                Replace(rollout with { State = RolloutState.Paused, Why = $"paused by {by}" });
                await StoreAsync();
                break;
            case "resume":
                Replace(rollout with { State = RolloutState.Running, Why = $"resumed by {by}" });
                await StoreAsync();
                await ReviewAsync();
                break;
            case "abort":
                await GoBackAsync("abort", $"aborted by {by}");
                break;
            default:
                return OmlError.NotFound("unknown_command", $"A rollout knows no '{command}'; it knows pause, resume, abort.");
        }

        return Find(id)!;
    }

    /// <summary>Why it cannot begin on the model as it is; null: it can.</summary>
    private OmlError? WhyNot(RolloutRequest request, ModelInfo info)
    {
        if (!info.Aliases.TryGetValue(ServingPlan.Champion, out var champion))
            return OmlError.Conflict($"Model '{Model}' has no champion to compare version {request.Candidate} with; promote a first version.", code: "no_champion");
        if (request.Expected is { } expected && expected != champion)
            return OmlError.Conflict($"The champion of model '{Model}' is version {champion}, not {expected}, which version {request.Candidate} was compared with.", Text(champion), "champion_differs");
        if (champion == request.Candidate)
            return OmlError.Conflict($"Version {champion} of model '{Model}' is the champion already.", Text(champion), "already_champion");
        return info.Traffic is { Split.IsEmpty: false }
            ? OmlError.Conflict($"The traffic of model '{Model}' is split by hand; clear the split (PUT traffic) before a rollout.", Text(info.PlanRevision), "traffic_split")
            : null;
    }

    private Task LookAsync(CancellationToken cancellationToken) => ReviewAsync();

    private Rollout? Find(int id) => state.State.Rollouts.Find(r => r.Id == id);

    private void Replace(Rollout rollout) => state.State.Rollouts[state.State.Rollouts.FindIndex(r => r.Id == rollout.Id)] = rollout;

    private async Task StoreAsync()
    {
        if (_paired is not null)
            state.State.Paired = _paired.Save();
        if (_served is not null)
            (state.State.ChampionServed, state.State.CandidateServed) = _served.Save();
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // What was not stored did not happen: the next call begins with the stored state, and with the plan.
            DeactivateOnIdle();
            throw;
        }

        _shown = [.. state.State.Rollouts];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Name(RolloutState state) => state.ToString().ToLowerInvariant();

    [LoggerMessage(LogLevel.Information, "Rollout {Rollout} of {Model} begins: version {Candidate} against champion {Champion}.")]
    private static partial void LogStarted(ILogger logger, string model, int rollout, int candidate, int champion);
}
