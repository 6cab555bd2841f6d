using System.Collections.Immutable;
using OrleansMl.Declaration;

namespace OrleansMl.Rollouts;

/// <summary>What was counted of a stage's answers, beside the declared limits.</summary>
internal static class GuardrailCheck
{
    /// <summary>One entry for each declared limit.</summary>
    public static ImmutableArray<GuardrailEvidence> Of(GuardrailsDefinition? limits, RolloutAnswers answers)
    {
        if (limits is null)
            return [];
        var entries = ImmutableArray.CreateBuilder<GuardrailEvidence>();
        var (champion, candidate) = (answers.Champion, answers.Candidate);
        var isEnough = candidate.Answered >= limits.MinAnswers;
        if (limits.LatencyP99 is { } milliseconds)
            entries.Add(Entry("latency.p99", candidate.Answered, candidate.P99, milliseconds, isEnough));
        if (limits.LatencyRatio is { } ratio)
            entries.Add(Entry("latency.ratio", candidate.Answered, candidate.P99 / champion.P99, ratio, isEnough && champion.Answered >= limits.MinAnswers));
        if (limits.Errors is { } share)
        {
            // So many have failed that those still lacking cannot make it good: there is nothing to wait for.
            var isCertain = candidate.Failed > share * limits.MinAnswers;
            entries.Add(Entry("errors", candidate.All, candidate.All == 0 ? null : (double)candidate.Failed / candidate.All, share, isCertain || candidate.All >= limits.MinAnswers));
        }

        return entries.DrainToImmutable();
    }

    private static GuardrailEvidence Entry(string name, long n, double? value, double limit, bool isEnough) =>
        new(name, n, value, limit, !isEnough || value is null ? "open" : value > limit ? "violated" : "kept");
}
