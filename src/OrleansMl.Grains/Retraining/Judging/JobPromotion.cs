using OrleansMl.Serving;

namespace OrleansMl.Retraining;

/// <summary>
/// Has a job's version take the champion's place, whatever the job decides by. What a cut-off attempt has done is found by the job's
/// id in the reason.
/// </summary>
internal sealed class JobPromotion(string job, string by, IGrainFactory grains, PlanCache plans)
{
    /// <summary>The promotion that an earlier attempt has brought about; null: none has.</summary>
    public async Task<RetrainDecision?> FindAsync(string model, int version) =>
        (await grains.GetGrain<IModelGrain>(model).GetPromotionsAsync()).LastOrDefault(p => p.To == version && p.Reason.Contains(job, StringComparison.Ordinal)) is { } done
            ? new RetrainDecision(RetrainDecision.Promoted, done.Reason)
            : null;

    /// <summary>Loads the version, promotes it, and waits until this silo goes by it.</summary>
    /// <param name="version">It must have been registered.</param>
    /// <param name="champion">The one that it was compared with; null: there was none.</param>
    /// <param name="reason">With the job's id in it.</param>
    /// <param name="evidence">Of the comparison.</param>
    /// <returns>An error of status 409 says that the champion is another one by now.</returns>
    public async Task<OmlResult<RetrainDecision>> PromoteAsync(VersionManifest version, int? champion, string reason, PromotionEvidence? evidence)
    {
        var loaded = await grains.GetGrain<IModelVersionGrain>(new ModelVersionId(version.Model, version.Version).ToGrainKey()).LoadAsync(version);
        if (!loaded.IsSuccess)
            return loaded.Error!;
        var promoted = await grains.GetGrain<IModelGrain>(version.Model).PromoteAsync(new PromotionRequest(version.Version, champion, Force: false, reason, by, evidence));
        if (!promoted.TryGet(out var promotion, out var error))
            return error;
        await plans.CatchUpAsync(version.Model, promotion.PlanRevision, CancellationToken.None);
        return new RetrainDecision(RetrainDecision.Promoted, reason);
    }
}
