using OrleansMl.Rollouts;

namespace OrleansMl.Grains.Tests.Rollouts;

/// <summary>The policy by itself: from a snapshot to what is done next.</summary>
public sealed class RolloutPolicyTests
{
    private static readonly RolloutRules Rules = new()
    {
        Weights = [0, 0.05, 0.25],
        ShadowOutcomes = 100,
        StepOutcomes = 50,
        StepMinTime = TimeSpan.FromMinutes(10),
        MaxTime = TimeSpan.FromDays(1),
    };

    private static readonly RolloutSnapshot Shadow = new() { Weight = 0, Outcomes = 100 };

    private static readonly RolloutSnapshot Canary = new() { Weight = 0.05, Outcomes = 50, InStage = TimeSpan.FromMinutes(10) };

    private static readonly RolloutSnapshot Last = Canary with { Weight = 0.25, Paired = Verdict.Better };

    [Fact]
    public void It_goes_from_shadow_over_the_shares_to_all_calls()
    {
        Assert.IsType<RolloutAction.Shadow>(Next(new RolloutSnapshot()));
        Assert.Equal(new RolloutAction.Step(0.05), Next(Shadow));
        Assert.Equal(new RolloutAction.Step(0.25), Next(Canary));
        Assert.IsType<RolloutAction.Full>(Next(Last));
    }

    [Fact]
    public void Without_a_shadow_the_first_share_comes_first() =>
        Assert.Equal(new RolloutAction.Step(0.05), RolloutPolicy.Next(new RolloutSnapshot(), Rules with { Weights = [0.05] }));

    [Fact]
    public void It_waits_for_evidence()
    {
        Assert.Contains("99 of 100 outcomes", Hold(Shadow with { Outcomes = 99 }), StringComparison.Ordinal);
        Assert.Contains("49 of 50 outcomes", Hold(Canary with { Outcomes = 49 }), StringComparison.Ordinal);
        Assert.Contains("00:10:00", Hold(Canary with { InStage = TimeSpan.FromMinutes(9) }), StringComparison.Ordinal);
        Assert.Contains("guardrail errors", Hold(Canary with { Guardrails = [Guardrail("open")] }), StringComparison.Ordinal);
        Assert.Contains("paused", Hold(Canary with { IsPaused = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void Not_to_be_worse_is_not_enough_unless_no_test_is_declared()
    {
        Assert.Contains("not been shown to be better", Hold(Last with { Paired = Verdict.Open }), StringComparison.Ordinal);
        Assert.IsType<RolloutAction.Full>(Next(Last with { Paired = Verdict.Open, IsProven = true }));
        Assert.IsType<RolloutAction.Full>(RolloutPolicy.Next(Last with { Paired = Verdict.Open }, Rules with { NeedsProof = false }));
    }

    [Fact]
    public void What_is_worse_goes_back_at_every_stage_and_whatever_else_is_known()
    {
        foreach (var at in (RolloutSnapshot[])[Shadow, Canary, Last, Canary with { IsPaused = true }, Canary with { Outcomes = 0 }])
        {
            Assert.Contains("errors", Back(at with { Guardrails = [Guardrail("violated")] }), StringComparison.Ordinal);
            Assert.Contains("same vectors", Back(at with { Paired = Verdict.Worse }), StringComparison.Ordinal);
            Assert.Contains("own answers", Back(at with { Paired = Verdict.Better, Served = Verdict.Worse }), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_worse_slice_holds_a_shadow_and_sends_a_share_back()
    {
        Assert.Contains("segment=gold", Hold(Shadow with { WorseSlice = "segment=gold" }), StringComparison.Ordinal);
        Assert.Contains("segment=gold", Back(Canary with { WorseSlice = "segment=gold" }), StringComparison.Ordinal);
        Assert.Contains("segment=gold", Back(Last with { IsProven = true, WorseSlice = "segment=gold" }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_decided_in_time_goes_back_unless_somebody_has_paused_it()
    {
        var late = Shadow with { Outcomes = 3, Total = TimeSpan.FromDays(1) };
        Assert.Contains("3 of 100 outcomes", Back(late), StringComparison.Ordinal);
        Assert.Contains("paused", Hold(late with { IsPaused = true }), StringComparison.Ordinal);
    }

    private static GuardrailEvidence Guardrail(string verdict) => new("errors", 20, 0.5, 0.01, verdict);

    private static RolloutAction Next(RolloutSnapshot at) => RolloutPolicy.Next(at, Rules);

    private static string Hold(RolloutSnapshot at) => Assert.IsType<RolloutAction.Hold>(Next(at)).Reason;

    private static string Back(RolloutSnapshot at) => Assert.IsType<RolloutAction.Rollback>(Next(at)).Reason;
}
