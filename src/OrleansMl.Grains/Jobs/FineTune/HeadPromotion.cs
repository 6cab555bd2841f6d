using System.Globalization;
using OrleansMl.Declaration;
using OrleansMl.Retraining;
using OrleansMl.Serving;

namespace OrleansMl.Jobs.FineTune;

/// <summary>
/// Decides what becomes of a network with a new head, in the words of a retraining, and does it. To do it again does no harm: what a cut-off attempt has done is found
/// by the job's id in the reason.
/// </summary>
internal sealed class HeadPromotion(FineTunePlan plan, IJobContext context, FineTuneServices services)
{
    /// <summary>Who promotes.</summary>
    public const string By = "finetune";

    /// <summary>What an application declares of the model; null: none declares it, or no promotion.</summary>
    private readonly PromotionDefinition? _declared = services.Catalog.Current.Models.TryGetValue(plan.Version.Model, out var model) ? model.Definition.Promotion : null;

    private readonly JobPromotion _promotion = new(context.JobId, By, services.Grains, services.Plans);

    /// <summary>Level of the tests.</summary>
    public double Alpha => HeldOutTest.AlphaOf(_declared);

    private string Model => plan.Version.Model;

    private int Parent => plan.Version.Version;

    public async Task<OmlResult<RetrainDecision>> DecideAsync(VersionManifest child, HeadComparison compared)
    {
        if (await _promotion.FindAsync(Model, child.Version) is { } done)
            return done;
        if (child.Version == Parent)
            return new RetrainDecision(RetrainDecision.Registered, "it is its parent, bit for bit");
        if (compared.WhyNot(Parent, HeldOutTest.NeededOf(_declared), plan.Parameters.Delta) is { } why)
            return new RetrainDecision(RetrainDecision.Rejected, why);
        if (!plan.Parameters.Promotes)
            return new RetrainDecision(RetrainDecision.Registered, Text($"it is better than version {Parent}, and the champion stays, as asked for (promote: register)"));
        if (_declared?.Test == "none")
            return new RetrainDecision(RetrainDecision.Registered, "the model's promotion is by hand (test: none)");
        if (_declared?.Rollout is not null)
            return new RetrainDecision(RetrainDecision.Registered, $"the model's promotion goes by a rollout; begin it with POST /models/{Model}/rollouts");
        if (!(await services.Grains.GetGrain<IModelGrain>(Model).GetAsync()).TryGet(out var info, out var error))
            return error;
        int? champion = info.Aliases.TryGetValue(ServingPlan.Champion, out var named) ? named : null;
        if (champion == child.Version)
            return new RetrainDecision(RetrainDecision.Registered, "it is the champion, bit for bit");
        return champion is null || champion == Parent
            ? await PromoteAsync(child, champion, compared.Evidence)
            : new RetrainDecision(RetrainDecision.Registered, Text($"it was compared with its parent, version {Parent}, and the champion is version {champion}"));
    }

    private async Task<OmlResult<RetrainDecision>> PromoteAsync(VersionManifest child, int? champion, PromotionEvidence? evidence)
    {
        var promoted = await _promotion.PromoteAsync(child, champion, Text($"fine-tuning {context.JobId}: its loss is lower than that of version {Parent} on rows that neither has learned from"), evidence);
        return promoted.Error is { Status: 409 } moved ? new RetrainDecision(RetrainDecision.Registered, $"the champion changed meanwhile: {moved.Detail}") : promoted;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
