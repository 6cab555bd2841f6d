using System.Globalization;

namespace OrleansMl.Models;

/// <remarks>
/// Who may change what a rollout or a trainer has decided on. A rollout's mark stands in the plan for as long as nobody
/// else changes traffic or champion; a trainer's epoch rises with each activation that promotes, so that one which was
/// replaced in a split network changes nothing.
/// </remarks>
internal sealed partial class ModelGrain
{
    /// <summary>Takes note of a trainer's epoch; the error, when a later one was here before.</summary>
    private async Task<OmlError?> FenceAsync(long epoch)
    {
        var highest = state.State.TrainerEpoch;
        if (epoch == 0 || epoch == highest)
            return null;
        if (epoch < highest)
        {
            return OmlError.Conflict(
                $"The trainer of model '{Name}' that asks has epoch {epoch}, and one of epoch {highest} has taken its place; it changes nothing any more.",
                highest.ToString(CultureInfo.InvariantCulture), "stale_epoch");
        }

        await ChangeAsync(publish: false, s => s.TrainerEpoch = epoch);
        return null;
    }

    private static OmlError? WhyNotForced(PromotionRequest request) => request.Force && string.IsNullOrWhiteSpace(request.Reason)
        ? OmlError.Invalid("force needs a reason: it stands in the promotion log in place of evidence.", "reason_missing")
        : null;

    /// <summary>A rollout begins where none is under way, on the champion of now; else only it may go on.</summary>
    private OmlError? WhyNotRollout(RolloutMark? mark)
    {
        if (mark is null)
            return null;
        if (mark.Stage > 1 && state.State.Rollout?.Id != mark.Id)
            return RolloutEnded(mark.Id);
        if (state.State.Rollout is { } standing && standing.Id != mark.Id)
            return OmlError.Conflict($"Rollout {standing.Id} of model '{Name}' is under way (version {standing.Candidate}); wait for its end or abort it.", Text(standing.Id), "rollout_running");
        return state.State.VersionOf(ServingPlan.Champion) == mark.Champion ? null : Stale(ServingPlan.Champion, mark.Champion, state.State.VersionOf(ServingPlan.Champion));
    }

    /// <summary>Back during a rollout: the champion, which is loaded, takes all calls again.</summary>
    private async Task<OmlResult<Promotion>> EndRolloutAsync(RolloutMark mark, string by, string? reason)
    {
        await ChangeAsync(publish: true, s =>
        {
            s.MoveAlias(ServingPlan.Champion, mark.Champion);
            s.Promotions.Add(Entry(s, mark.Candidate, mark.Champion, by, "rollback", reason ?? $"rollout {mark.Id} rolled back", null) with { Rollout = mark.Id });
        });
        return state.State.Promotions[^1];
    }

    private OmlError RolloutEnded(int rollout) =>
        OmlError.Conflict($"Rollout {rollout} of model '{Name}' is not under way any more: traffic or champion were changed, or it was ended.", Text(state.State.Rollout?.Id), "rollout_ended");
}
