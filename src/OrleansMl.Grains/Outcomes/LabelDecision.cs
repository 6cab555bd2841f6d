using OrleansMl.Declaration;
using OrleansMl.Storage;

namespace OrleansMl.Outcomes;

/// <summary>What one more label means for a prediction.</summary>
/// <param name="Stands">The label that stands now.</param>
/// <param name="IsKept">What stood before stands on: neither label nor source has changed.</param>
/// <param name="Written">Labels whose rows are to be written.</param>
internal sealed record LabelDecision(LabelStatement Stands, bool IsKept, IReadOnlyList<LabelStatement> Written)
{
    /// <summary>Decides.</summary>
    /// <param name="target">Ranks and policy.</param>
    /// <param name="before">Labels that came so far, as <see cref="LabelHistory.OfAsync"/> gives them.</param>
    /// <param name="said">What comes now, in their order.</param>
    public static LabelDecision Of(TargetDefinition target, LabelHistory before, IReadOnlyList<LabelStatement> said)
    {
        LabelStatement[] all = [.. before.Labels, .. said];
        var stands = LabelPolicy.Decide(target, all);
        var stood = before.Stands;
        var written = new List<LabelStatement>();
        for (var i = 0; i < all.Length; i++)
        {
            var isNew = i >= before.Labels.Count;
            var verdict = all[i].Sequence == stands.Sequence ? LabelVerdict.Stands
                : isNew ? LabelVerdict.Kept
                : all[i].Verdict == LabelVerdict.Stands ? LabelVerdict.Replaced
                : all[i].Verdict;
            if (isNew || !before.IsStored || all[i].Verdict != verdict)
                written.Add(all[i] with { Verdict = verdict });
        }

        return new LabelDecision(stands with { Verdict = LabelVerdict.Stands }, stood is not null && stands.Sequence == stood.Sequence, written);
    }
}
