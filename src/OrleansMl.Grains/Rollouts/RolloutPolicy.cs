using System.Globalization;

namespace OrleansMl.Rollouts;

/// <summary>
/// From what is known to what is done next; a pure function. Every look may end a rollout, since all its tests hold at every
/// look; only enough evidence takes it on.
/// </summary>
internal static class RolloutPolicy
{
    public static RolloutAction Next(RolloutSnapshot at, RolloutRules rules)
    {
        if (at.Weight is not { } weight)
            return Enter(rules.After(-1));
        if (WhyBack(at, weight) is { } why)
            return new RolloutAction.Rollback(why);
        if (at.IsPaused)
            return new RolloutAction.Hold("it is paused; guardrails and losses still end it");
        if (at.Total >= rules.MaxTime)
            return new RolloutAction.Rollback($"it was not decided within {Say(rules.MaxTime)}: {WhyNotOn(at, weight, rules) ?? "the last look found nothing amiss"}");
        return WhyNotOn(at, weight, rules) is { } wait ? new RolloutAction.Hold(wait) : Enter(rules.After(weight));
    }

    private static RolloutAction Enter(double? weight) => weight switch
    {
        null => new RolloutAction.Full(),
        0 => new RolloutAction.Shadow(),
        { } share => new RolloutAction.Step(share),
    };

    /// <summary>Why the champion takes all calls again; null: nothing is amiss.</summary>
    private static string? WhyBack(RolloutSnapshot at, double weight)
    {
        if (at.Guardrails.FirstOrDefault(g => g.Verdict == "violated") is { } violated)
            return string.Create(CultureInfo.InvariantCulture, $"guardrail {violated.Name}: {violated.Value:G4} where {violated.Limit:G4} is the limit ({violated.N} answers)");
        if (at.Paired == Verdict.Worse)
            return "its loss is higher than the champion's on the same vectors";
        if (at.Served == Verdict.Worse)
            return "the loss of its own answers is higher than that of the champion's";

        // A shadow harms nobody: it may wait for more evidence where a share of the calls may not.
        return weight > 0 && at.WorseSlice is { } slice ? $"its loss is higher than the champion's where {slice}" : null;
    }

    /// <summary>Why the next stage does not come yet; null: it does.</summary>
    private static string? WhyNotOn(RolloutSnapshot at, double weight, RolloutRules rules)
    {
        var needed = weight > 0 ? rules.StepOutcomes : rules.ShadowOutcomes;
        if (at.WorseSlice is { } slice)
            return $"its loss is higher than the champion's where {slice}";
        if (at.Outcomes < needed)
            return string.Create(CultureInfo.InvariantCulture, $"{at.Outcomes} of {needed} outcomes are there");
        if (at.Guardrails.FirstOrDefault(g => g.Verdict == "open") is { } open)
            return string.Create(CultureInfo.InvariantCulture, $"guardrail {open.Name} has {open.N} answers of {rules.Guardrails?.MinAnswers}");
        if (weight > 0 && at.InStage < rules.StepMinTime)
            return $"the step lasts {Say(rules.StepMinTime)} at least";
        if (rules.After(weight) is null && rules.NeedsProof && !at.IsProven && at.Paired != Verdict.Better)
            return "nothing is amiss, and it has not been shown to be better yet";
        return null;
    }

    private static string Say(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);
}
