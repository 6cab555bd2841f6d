namespace OrleansMl.Declaration.Tests;

public class PromotionTests
{
    private const string Rules = "cooldown: 200 outcomes, slices: [day, {column: now:price, bins: [0.1, 0.2]}], guardrails: {latency: {p99: 0.5ms, ratio: 1.5}, errors: 0.01}, rollout: {shadow: {outcomes: 100}, canary: [0.05, 0.25], step: {outcomes: 50, minTime: 10m}, maxTime: 2d}";

    [Fact]
    public void Slices_guardrails_and_rollout_are_read()
    {
        var promotion = Promotion(Rules);
        Assert.Equal(["day", "now:price"], promotion.Slices.Select(slice => slice.Column));
        Assert.Equal([0.1, 0.2], promotion.Slices[1].Bins.AsEnumerable());
        Assert.Equal((0.5, 1.5, 0.01, 100), (promotion.Guardrails!.LatencyP99, promotion.Guardrails.LatencyRatio, promotion.Guardrails.Errors, promotion.Guardrails.MinAnswers));
        var rollout = promotion.Rollout!;
        Assert.Equal([0.05, 0.25], rollout.Canary.AsEnumerable());
        Assert.Equal((100, 50, TimeSpan.FromMinutes(10), TimeSpan.FromDays(2)), (rollout.ShadowOutcomes, rollout.StepOutcomes, rollout.StepMinTime, rollout.MaxTime));
    }

    [Fact]
    public void Without_them_a_promotion_is_as_it_was()
    {
        var promotion = Promotion("cooldown: 200 outcomes");
        Assert.Empty(promotion.Slices);
        Assert.Null(promotion.Guardrails);
        Assert.Null(promotion.Rollout);
    }

    [Theory]
    [InlineData("canary: [0.05, 0.25]", "canary: [0.1]", "promotion.rollout.canary")]
    [InlineData("outcomes: 100", "outcomes: 200", "promotion.rollout.shadow.outcomes: 100 → 200")]
    [InlineData("minTime: 10m", "minTime: 20m", "promotion.rollout.step.minTime: 10m → 20m")]
    [InlineData("errors: 0.01", "errors: 0.02", "promotion.guardrails.errors: 0.01 → 0.02")]
    [InlineData("p99: 0.5ms", "p99: 2s", "promotion.guardrails.latency.p99: 0.5 → 2000")]
    [InlineData("bins: [0.1, 0.2]", "bins: [0.1]", "promotion.slices[1].bins")]
    public void Rules_of_promotion_change_and_the_learner_stays(string old, string replacement, string words)
    {
        var difference = ApplicationDiff.Compare(Read(Rules), Read(Rules.Replace(old, replacement, StringComparison.Ordinal)));
        var model = difference.Changes.Single(change => change is { Kind: "model", Action: not "none" });
        Assert.Contains(words, model.Detail, StringComparison.Ordinal);
        Assert.All(difference.Changes, change => Assert.True(change.KeepsState));
    }

    private static PromotionDefinition Promotion(string rules) => Read(rules).Models[0].Promotion!;

    private static ApplicationDefinition Read(string rules)
    {
        var read = ApplicationReader.Read(Samples.Electricity.With("cooldown: 200 outcomes", rules));
        Assert.Empty(read.Faults.Select(fault => fault.Detail));
        return read.Definition!;
    }
}
