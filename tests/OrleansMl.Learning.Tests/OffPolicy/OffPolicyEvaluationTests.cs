namespace OrleansMl.Learning.Tests.OffPolicy;

public sealed class OffPolicyEvaluationTests
{
    private static readonly double[] _rates = [0.2, 0.6, 0.4];
    private static readonly double[] _target = [0.1, 0.8, 0.1];

    /// <summary>Σ π(a) · rate(a).</summary>
    private const double Truth = (0.1 * 0.2) + (0.8 * 0.6) + (0.1 * 0.4);

    [Fact]
    public void Estimates_follow_their_formulas()
    {
        LoggedDecision[] log = [new(1, 0.5, 0.25, 0.8, 0.6), new(0, 0.25, 0.5, 0.3, 0.4), new(2, 0.5, 0.5, 1, 1)];
        Assert.Equal((0.5 + 0 + 2) / 3, OffPolicyEvaluation.Ips(log).Value.Estimate, 1e-12);
        Assert.Equal(2.5 / 3.5, OffPolicyEvaluation.Snips(log).Value.Estimate, 1e-12);
        Assert.Equal((0.6 + (0.5 * 0.2) + 0.4 + (2 * -0.3) + 1 + 1) / 3, OffPolicyEvaluation.DoublyRobust(log).Value.Estimate, 1e-12);
        Assert.Equal((0.5 + 0 + 1) / 3, OffPolicyEvaluation.Ips(log, maxWeight: 0.5).Value.Estimate, 1e-12);
        var evidence = OffPolicyEvaluation.Ips(log);
        Assert.Equal((3.5 * 3.5) / (0.25 + 4 + 1), evidence.EffectiveSampleSize, 1e-12);
        Assert.Equal((3, 2.0), (evidence.Count, evidence.MaxWeight));
        Assert.Equal(3.5 / 3, evidence.MeanWeight, 1e-12);
    }

    [Fact]
    public void The_logging_policy_itself_is_judged_by_its_mean_reward_with_every_decision_effective()
    {
        var log = Draw(1, 500).Select(decision => decision with { TargetPropensity = decision.LoggedPropensity }).ToArray();
        var estimate = OffPolicyEvaluation.Ips(log);
        Assert.Equal(log.Average(decision => decision.Reward), estimate.Value.Estimate, 1e-12);
        Assert.Equal(500, estimate.EffectiveSampleSize, 1e-9);
        Assert.Equal(estimate.Value.Estimate, OffPolicyEvaluation.Snips(log).Value.Estimate, 1e-12);
    }

    [Fact]
    public void Intervals_cover_the_truth_about_as_often_as_they_say_and_doubly_robust_is_the_sharpest()
    {
        const int Logs = 300;
        int ips = 0, snips = 0, robust = 0;
        double ipsWidth = 0, robustWidth = 0;
        for (var seed = 0; seed < Logs; seed++)
        {
            var log = Draw(seed, 800);
            var (a, b, c) = (OffPolicyEvaluation.Ips(log).Value, OffPolicyEvaluation.Snips(log).Value, OffPolicyEvaluation.DoublyRobust(log).Value);
            (ips, snips, robust) = (ips + (a.Contains(Truth) ? 1 : 0), snips + (b.Contains(Truth) ? 1 : 0), robust + (c.Contains(Truth) ? 1 : 0));
            (ipsWidth, robustWidth) = (ipsWidth + a.Upper - a.Lower, robustWidth + c.Upper - c.Lower);
        }

        Assert.InRange(ips / (double)Logs, 0.9, 0.99);
        Assert.InRange(snips / (double)Logs, 0.9, 0.99);
        Assert.InRange(robust / (double)Logs, 0.9, 0.99);
        Assert.True(robustWidth < 0.9 * ipsWidth);
    }

    [Fact]
    public void A_log_that_does_not_cover_the_policy_shows_in_the_evidence()
    {
        // Greedy on action 0 with 1 % exploration, judged: always action 1.
        var estimate = OffPolicyEvaluation.Ips([.. Enumerable.Range(0, 1000).Select(i => i % 200 == 0 ? new LoggedDecision(1, 0.01, 1) : new LoggedDecision(0, 0.99, 0))]);
        Assert.Equal(5, estimate.EffectiveSampleSize, 1e-9);
        Assert.Equal(100, estimate.MaxWeight, 1e-9);
        Assert.Equal(0.5, estimate.MeanWeight, 1e-9);
    }

    [Fact]
    public void Bad_decisions_are_named()
    {
        Assert.Contains("decision 1 is 0;", Assert.Throws<ArgumentException>(() => OffPolicyEvaluation.Ips([new(1, 1, 1), new(1, 0, 1)])).Message, StringComparison.Ordinal);
        Assert.Contains("decision 0 is 2;", Assert.Throws<ArgumentException>(() => OffPolicyEvaluation.Snips([new(1, 1, 2), new(1, 1, 1)])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => OffPolicyEvaluation.DoublyRobust([new(double.NaN, 1, 1), new(1, 1, 1)]));
        Assert.Throws<ArgumentException>(() => OffPolicyEvaluation.Ips([new(1, 1, 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => OffPolicyEvaluation.Ips([new(1, 1, 1), new(1, 1, 1)], maxWeight: 0));
    }

    /// <summary>Decisions of an ε-greedy policy that prefers action 2; the reward model is right about the rates.</summary>
    private static LoggedDecision[] Draw(int seed, int count)
    {
        var (policy, random) = (new EpsilonGreedyPolicy(0.6), new Random(seed));
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                var choice = policy.Choose([0, 0, 1], seed, (ulong)i);
                return new LoggedDecision(random.NextDouble() < _rates[choice.Action] ? 1 : 0, choice.Propensity, _target[choice.Action], _rates[choice.Action], Truth);
            }),
        ];
    }
}
