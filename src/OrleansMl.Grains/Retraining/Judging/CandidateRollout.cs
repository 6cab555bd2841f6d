using System.Globalization;
using OrleansMl.Serving;

namespace OrleansMl.Retraining;

/// <summary>
/// Decides by the model's rules of promotion what becomes of a candidate, and does it. To do it again does no harm: what a cut-off
/// attempt has done is found by the job's id in the reason.
/// </summary>
internal sealed class CandidateRollout(RetrainPlan plan, string job, IGrainFactory grains, PlanCache plans)
{
    /// <summary>Who promotes.</summary>
    public const string By = "retrain";

    private readonly JobPromotion _promotion = new(job, By, grains, plans);

    private string Model => plan.Model.Name;

    private string Reason => $"retraining {job}: its loss is lower on rows that neither has learned from";

    /// <summary>Null: the champion is another by now than the one that was compared; compare with that one and ask again.</summary>
    public async Task<OmlResult<RetrainDecision?>> DecideAsync(VersionManifest candidate, HeldOutResult held)
    {
        if (!(await grains.GetGrain<IModelGrain>(Model).GetAsync()).TryGet(out var info, out var error))
            return error;
        int? champion = info.Aliases.TryGetValue(ServingPlan.Champion, out var named) ? named : null;
        if (await DoneAsync(candidate.Version) is { } done)
            return done;
        if (champion == candidate.Version)
            return new RetrainDecision(RetrainDecision.Registered, "it is the champion, bit for bit");
        if (!plan.Parameters.Promotes)
            return new RetrainDecision(RetrainDecision.Registered, "as asked for (promote: register)");
        if (plan.Model.Definition.Promotion?.Test == "none")
            return new RetrainDecision(RetrainDecision.Registered, "the model's promotion is by hand (test: none)");
        if (champion != held.Champion && held.WhyNotCompared is null)
            return default(RetrainDecision);
        if (champion is not null)
        {
            if (held.Evidence is not { } evidence)
                return new RetrainDecision(RetrainDecision.Registered, $"it could not be compared with the champion: {held.WhyNotCompared}");
            if (WhyWorse(held, evidence) is { } why)
                return new RetrainDecision(RetrainDecision.Rejected, why);
        }

        return champion is not null && plan.Model.Definition.Promotion?.Rollout is not null
            ? await RollOutAsync(candidate.Version, champion.Value, held.Evidence!)
            : await PromoteAsync(candidate, champion, held.Evidence);
    }

    private async Task<RetrainDecision?> DoneAsync(int candidate)
    {
        if (await _promotion.FindAsync(Model, candidate) is { } done)
            return done;
        var rollouts = await grains.GetGrain<IRolloutGrain>(Model).ListAsync();
        return rollouts.LastOrDefault(r => r.Candidate == candidate && r.Reason.Contains(job, StringComparison.Ordinal)) is { } rollout
            ? new RetrainDecision(RetrainDecision.RollingOut, RolloutReason(rollout.Id))
            : null;
    }

    private string? WhyWorse(HeldOutResult held, PromotionEvidence evidence)
    {
        var needed = HeldOutTest.NeededOf(plan.Model.Definition.Promotion);
        if (evidence.N < needed)
            return Text($"the test has {evidence.N} rows, and the model's promotion needs {needed}: widen the window, or the share of the test");
        if (HeldOutTest.WhyNotBetter(evidence, held.Champion) is { } why)
            return why;
        return held.WorseSlice is { } slice ? $"it is better than version {held.Champion} over all rows, and worse where {slice}" : null;
    }

    private async Task<OmlResult<RetrainDecision?>> PromoteAsync(VersionManifest candidate, int? champion, PromotionEvidence? evidence)
    {
        var reason = champion is null ? $"retraining {job}: there was no champion" : Reason;
        var promoted = await _promotion.PromoteAsync(candidate, champion, reason, champion is null ? null : evidence);
        return promoted.TryGet(out var decision, out var error) ? decision : error.Status == 409 ? default(RetrainDecision) : error;
    }

    private async Task<OmlResult<RetrainDecision?>> RollOutAsync(int candidate, int champion, PromotionEvidence evidence)
    {
        var started = await grains.GetGrain<IRolloutGrain>(Model).StartAsync(new RolloutRequest(candidate, Reason, By) { Expected = champion, Proof = evidence });
        if (started.TryGet(out var rollout, out var error))
            return new RetrainDecision(RetrainDecision.RollingOut, RolloutReason(rollout.Id));
        return error.Code switch
        {
            "champion_differs" => default(RetrainDecision),
            "rollout_running" => new RetrainDecision(RetrainDecision.Registered, error.Detail),
            _ => error,
        };
    }

    private static string RolloutReason(int rollout) => Text($"rollout {rollout} takes it from shadow to all calls");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
