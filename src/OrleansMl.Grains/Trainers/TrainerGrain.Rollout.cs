using System.Globalization;
using Microsoft.Extensions.Logging;
using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <remarks>
/// What leaves the trainer: versions, under an epoch that only the activation whose state is the stored one can have, and
/// candidates, which a rollout takes over.
/// </remarks>
internal sealed partial class TrainerGrain
{
    /// <summary>Of this activation; 0: it has claimed none yet.</summary>
    private long _epoch;

    /// <summary>
    /// Registers under this activation's epoch. One that the model has not heard from for a higher one may have lost its state:
    /// it claims a higher one, which only succeeds where nobody else has stored since.
    /// </summary>
    private async Task<OmlResult<RegisterResult>> RegisterAsync(VersionManifest manifest)
    {
        if (_epoch == 0)
            await ClaimEpochAsync(0);
        var grain = GrainFactory.GetGrain<IModelGrain>(Model);
        var registered = await grain.RegisterAsync(new RegisterRequest(manifest) { Epoch = _epoch });
        if (registered.IsSuccess || !IsReplaced(registered.Error!))
            return registered;
        await ClaimEpochAsync(long.Parse(registered.Error!.Current!, CultureInfo.InvariantCulture));
        return await grain.RegisterAsync(new RegisterRequest(manifest) { Epoch = _epoch });
    }

    /// <summary>An epoch above all that were before. Its write fails where another activation has stored since this one read.</summary>
    private async Task ClaimEpochAsync(long above)
    {
        var before = state.State.Epoch;
        var claimed = Math.Max(before, above) + 1;
        state.State.Epoch = claimed;
        try
        {
            await StoreAsync();
        }
        catch
        {
            state.State.Epoch = before;
            throw;
        }

        _epoch = claimed;
    }

    private static bool IsReplaced(OmlError error) => error.Code == "stale_epoch";

    /// <summary>Another activation has this one's place: nothing is stored, and nothing more is learned here.</summary>
    private bool GiveWay()
    {
        LogReplaced(logger, Model, _epoch);
        DeactivateOnIdle();
        return false;
    }

    /// <summary>Registers the learner as it stands and hands it over to a rollout.</summary>
    private async Task<bool> RollOutAsync(OnlineTrainer trainer)
    {
        var grain = GrainFactory.GetGrain<IRolloutGrain>(Model);
        var running = (await grain.ListAsync()).LastOrDefault(r => r.IsUnderWay);
        if (running is not null && running.By != By)
        {
            LogNotOffered(logger, Model, running.Id);
            trainer.Withdraw();
            return true;
        }

        var registered = await RegisterAsync(trainer);
        if (!registered.TryGet(out var version, out var error))
            return IsReplaced(error) ? GiveWay() : await FailAsync(new LearnerException(error.Detail));
        var number = version.Manifest.Version;

        // A crash after the hand-over and before the write below comes here again: the same learner is the same version.
        if (running?.Candidate != number)
        {
            var started = await grain.StartAsync(new RolloutRequest(number, "the learner's loss is lower than the champion's", By)
            {
                Expected = trainer.ChampionVersion,
                Proof = trainer.Evidence(),
            });
            if (!started.IsSuccess)
            {
                LogNotPromoted(logger, Model, number, started.Error!.Detail);
                if (started.Error.Code == "champion_differs")
                    trainer.FollowChampion(await ChampionAsync());
                else
                    trainer.Withdraw();
                return true;
            }
        }

        trainer.MarkCandidate(number);
        state.State.CandidateVersion = number;
        await StoreAsync();
        return true;
    }

    /// <summary>Looks what became of the candidate that was handed over.</summary>
    private async Task SettleRolloutAsync(OnlineTrainer trainer)
    {
        if (trainer.CandidateVersion is not { } candidate)
            return;
        var rollouts = await GrainFactory.GetGrain<IRolloutGrain>(Model).ListAsync();
        if (rollouts.Any(r => r.Candidate == candidate && r.IsUnderWay))
            return;
        var champion = await ChampionAsync();
        if (champion == candidate)
        {
            trainer.MarkCandidateChampion();
        }
        else
        {
            trainer.Withdraw();
            if (champion != trainer.ChampionVersion)
                trainer.FollowChampion(champion);
        }

        state.State.CandidateVersion = null;
        await StoreAsync();
    }

    private async Task<int?> ChampionAsync() =>
        (await GrainFactory.GetGrain<IModelGrain>(Model).GetAsync()).Value.Aliases.TryGetValue(ServingPlan.Champion, out var champion) ? champion : null;

    [LoggerMessage(LogLevel.Warning, "The trainer of {Model} with epoch {Epoch} was replaced by another activation and goes.")]
    private static partial void LogReplaced(ILogger logger, string model, long epoch);

    [LoggerMessage(LogLevel.Information, "The learner of {Model} is better than its champion, and rollout {Rollout} of another version is under way; it has to show it anew.")]
    private static partial void LogNotOffered(ILogger logger, string model, int rollout);
}
