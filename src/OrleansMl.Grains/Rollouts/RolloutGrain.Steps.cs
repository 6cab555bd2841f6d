using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Rollouts;

/// <remarks>How the plan is changed, and how what became of it is written down.</remarks>
internal sealed partial class RolloutGrain
{
    /// <summary>Changes of the plan by others, such as a version that is loaded, that one step puts up with.</summary>
    private const int MaxTries = 8;

    private Task CarryOutAsync(RolloutAction action) => action switch
    {
        RolloutAction.Shadow => EnterAsync(0),
        RolloutAction.Step { Weight: var weight } => EnterAsync(weight),
        RolloutAction.Full => PromoteAsync(),
        RolloutAction.Rollback { Reason: var reason } => GoBackAsync("rollback", reason),
        _ => Task.CompletedTask,
    };

    private async Task EnterAsync(double weight)
    {
        var rollout = Current!;
        var mark = new RolloutMark(rollout.Id, rollout.Steps.Length + 1, rollout.Champion, rollout.Candidate);
        var set = await SetTrafficAsync(rollout, mark, shadow => weight == 0
            ? new Traffic([], [.. shadow, rollout.Candidate], false)
            : new Traffic([new TrafficShare(rollout.Champion, 1 - weight), new TrafficShare(rollout.Candidate, weight)], shadow, false));
        if (set.IsSuccess)
            await BeginStageAsync(rollout, weight);
        else
            await ConcludeAsync(rollout);
    }

    /// <summary>The plan has the stage: so has the state.</summary>
    private async Task<Rollout> BeginStageAsync(Rollout rollout, double weight)
    {
        var steps = rollout.Steps;
        if (!steps.IsEmpty)
            steps = steps.SetItem(steps.Length - 1, steps[^1] with { Left = Now, Action = "step", Reason = "enough evidence, and nothing amiss" });
        steps = steps.Add(new RolloutStep { Stage = weight > 0 ? "canary" : "shadow", Weight = weight, Entered = Now });
        rollout = rollout with { Steps = steps, Why = "the stage has begun" };
        Replace(rollout);
        _served = null;
        (state.State.ChampionServed, state.State.CandidateServed) = (null, null);
        await StoreAsync();
        LogStage(logger, Model, rollout.Id, steps[^1].Stage, weight);
        return rollout;
    }

    /// <summary>A crash between the plan and the state has left the plan one stage ahead.</summary>
    private async Task<Rollout> AdoptAsync(Rollout rollout, ModelInfo info) => info.Rollout is { } mark && mark.Id == rollout.Id && mark.Stage == rollout.Steps.Length + 1
        ? await BeginStageAsync(rollout, WeightOf(info.Traffic, rollout.Candidate))
        : rollout;

    private async Task PromoteAsync()
    {
        var rollout = Current!;
        var measured = rollout.Steps[^1].Evidence!;

        // A trainer's comparison has shown it; what the rollout adds are the guardrails.
        var evidence = rollout.Proof is { } proof ? proof with { Guardrails = measured.Guardrails } : measured;
        var promoted = await Owner.PromoteAsync(new PromotionRequest(rollout.Candidate, rollout.Champion, Force: false, rollout.Reason, rollout.By, evidence) { Rollout = rollout.Id });
        if (promoted.IsSuccess)
            await EndAsync(rollout, RolloutState.Promoted, "full", "every stage went by with nothing amiss");
        else
            await ConcludeAsync(rollout);
    }

    /// <summary>The champion takes all calls again. What is about to happen is written first: a crash goes on with it.</summary>
    private async Task GoBackAsync(string action, string reason)
    {
        var rollout = Current!;
        if (rollout.Steps is [.., { Action: "" } step])
        {
            rollout = rollout with { Steps = rollout.Steps.SetItem(rollout.Steps.Length - 1, step with { Action = action, Reason = reason }) };
            Replace(rollout);
            await StoreAsync();
        }

        var back = await SetTrafficAsync(rollout, null, shadow => new Traffic([], shadow, false));
        if (!back.IsSuccess && back.Error!.Code != "rollout_ended")
            throw new InvalidOperationException($"Rollout {rollout.Id} of '{Model}' could not take its traffic back: {back.Error.Detail}");
        await EndAsync(rollout, action == "abort" ? RolloutState.Aborted : RolloutState.RolledBack, action, reason);
    }

    /// <summary>The plan does not carry the rollout any more: what happened stands in the promotion log.</summary>
    private async Task ConcludeAsync(Rollout rollout)
    {
        var entry = (await Owner.GetPromotionsAsync()).LastOrDefault(p => p.Rollout == rollout.Id);
        await (entry switch
        {
            null => EndAsync(rollout, RolloutState.Superseded, "superseded", "traffic or champion were changed by hand"),
            { Decision: "rollback" } => EndAsync(rollout, RolloutState.Aborted, "abort", $"rolled back by {entry.By}: {entry.Reason}"),
            _ => EndAsync(rollout, RolloutState.Promoted, "full", "every stage went by with nothing amiss"),
        });
    }

    private async Task EndAsync(Rollout rollout, RolloutState how, string action, string reason)
    {
        var steps = rollout.Steps;
        if (!steps.IsEmpty)
            steps = steps.SetItem(steps.Length - 1, steps[^1] with { Left = Now, Action = action, Reason = reason });
        Replace(rollout with { State = how, Ended = Now, Why = reason, Steps = steps });
        await StoreAsync();
        LogEnded(logger, Model, rollout.Id, how, reason);

        // A learner waits to hear what became of its candidate; it also looks by itself when its next example comes.
        if (catalog.Current.Models.TryGetValue(Model, out var model) && model.Definition.Learner is not null)
            _ = TellTrainerAsync();
    }

    private async Task TellTrainerAsync()
    {
        try
        {
            await GrainFactory.GetGrain<ITrainerGrain>(Model).CatchUpAsync();
        }
        catch (Exception exception)
        {
            LogNotTold(logger, Model, exception);
        }
    }

    /// <summary>
    /// Sets the traffic by compare-and-swap on the plan, as long as the plan is this rollout's. Shadows that others have set stay.
    /// </summary>
    /// <param name="rollout">The rollout.</param>
    /// <param name="mark">Its mark from now on; null: it is over.</param>
    /// <param name="traffic">The traffic, from the shadows of others.</param>
    private async Task<OmlResult<TrafficResult>> SetTrafficAsync(Rollout rollout, RolloutMark? mark, Func<ImmutableArray<int>, Traffic> traffic)
    {
        for (var tries = 1; ; tries++)
        {
            var info = (await Owner.GetAsync()).Value;
            if (info.Rollout?.Id != rollout.Id && !(mark is { Stage: 1 } && info.Rollout is null))
                return OmlError.Conflict($"Rollout {rollout.Id} of model '{Model}' is not under way any more.", code: "rollout_ended");
            var shadow = (info.Traffic?.Shadow ?? []).RemoveAll(v => v == rollout.Candidate);
            var set = await Owner.SetTrafficAsync(new TrafficChange(info.PlanRevision, traffic(shadow), $"rollout {rollout.Id}") { Rollout = mark });
            if (set.IsSuccess || set.Error!.Code != "conflict" || tries == MaxTries)
                return set;
        }
    }

    private static double WeightOf(Traffic? traffic, int version) =>
        traffic?.Split.FirstOrDefault(s => s.Version == version) is { } share ? share.Weight / traffic.Split.Sum(s => s.Weight) : 0;

    [LoggerMessage(LogLevel.Information, "Rollout {Rollout} of {Model} enters {Stage} {Weight}.")]
    private static partial void LogStage(ILogger logger, string model, int rollout, string stage, double weight);

    [LoggerMessage(LogLevel.Information, "Rollout {Rollout} of {Model} ended, {State}: {Reason}")]
    private static partial void LogEnded(ILogger logger, string model, int rollout, RolloutState state, string reason);

    [LoggerMessage(LogLevel.Warning, "The trainer of {Model} was not told of the end of a rollout; it sees it at its next example.")]
    private static partial void LogNotTold(ILogger logger, string model, Exception exception);
}
