using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Exploration;

public sealed class ExplorationPolicyTests
{
    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(15, 31);

    private static readonly ExplorationPolicy[] _policies = [new EpsilonGreedyPolicy(0.2), new EpsilonGreedyPolicy(0), new SoftmaxPolicy(3), new SoftmaxPolicy(0), new SquareCbPolicy()];

    private static Gen<(ExplorationPolicy Policy, double[] Scores, int Learned)> Cases { get; } =
        from policy in Gen.Elements(_policies)
        from scores in Gen.Choose(-40, 40).Select(value => value / 8.0).NonEmptyListOf()
        from learned in Gen.Choose(0, 5000)
        select (policy, scores.ToArray(), learned);

    [Fact]
    public void Propensities_sum_to_1_and_a_better_action_never_has_less()
        => ForAll((policy, scores, learned) =>
        {
            var propensities = policy.Propensities(scores, learned);
            Assert.Equal(1, propensities.Sum(), 1e-12);
            for (var i = 0; i < scores.Length; i++)
            {
                Assert.InRange(propensities[i], 0, 1 + 1e-12);
                for (var j = 0; j < scores.Length; j++)
                    Assert.True(scores[i] <= scores[j] || propensities[i] >= propensities[j] - 1e-12);
            }
        });

    [Fact]
    public void A_choice_repeats_under_its_key_and_has_the_logged_propensity()
        => ForAll((policy, scores, learned) =>
        {
            var choice = policy.Choose(scores, seed: 3, decision: 77, learned);
            var again = policy.Choose(scores, seed: 3, decision: 77, learned);
            Assert.Equal((choice.Action, choice.Propensity), (again.Action, again.Propensity));
            Assert.Equal(policy.Propensities(scores, learned)[choice.Action], choice.Propensity);
            Assert.True(choice.Propensity > 0);
        });

    [Fact]
    public void A_slate_holds_different_actions_and_the_product_of_its_conditional_propensities()
        => ForAll((policy, scores, learned) =>
        {
            var possible = policy.Propensities(scores, learned).Count(probability => probability > 0);
            var slate = policy.ChooseSlate(scores, possible, seed: 1, decision: 5, learned);
            Assert.Equal(possible, slate.Actions.Distinct().Count());
            Assert.Equal(slate.Conditional.Aggregate(1.0, (product, one) => product * one), slate.Propensity, 1e-12);
            Assert.Equal(1, slate.Conditional[^1], 1e-9);
            Assert.Throws<ArgumentOutOfRangeException>(() => policy.ChooseSlate(scores, possible + 1, 1, 5, learned));
        });

    [Fact]
    public void Draws_come_as_often_as_their_propensity_says()
    {
        double[] scores = [0.1, 0.5, 0.3];
        foreach (var policy in _policies)
        {
            var propensities = policy.Propensities(scores, 4);
            var counts = new int[3];
            var pairs = new Dictionary<(int, int), int>();
            const int Draws = 20_000;
            for (var decision = 0; decision < Draws; decision++)
            {
                counts[policy.Choose(scores, 9, (ulong)decision, 4).Action]++;
                if (propensities.Count(probability => probability > 0) < 2)
                    continue;
                var slate = policy.ChooseSlate(scores, 2, 10, (ulong)decision, 4);
                pairs[(slate.Actions[0], slate.Actions[1])] = pairs.GetValueOrDefault((slate.Actions[0], slate.Actions[1])) + 1;
            }

            for (var action = 0; action < 3; action++)
                Assert.Equal(propensities[action], counts[action] / (double)Draws, 0.015);
            foreach (var ((first, second), count) in pairs)
                Assert.Equal(propensities[first] * propensities[second] / (1 - propensities[first]), count / (double)Draws, 0.015);
        }
    }

    [Fact]
    public void The_propensities_are_those_of_the_papers()
    {
        Assert.Equal([0.05, 0.85, 0.05, 0.05], new EpsilonGreedyPolicy(0.2).Propensities([1, 3, 3, 2]).Select(value => Math.Round(value, 12)));
        var softmax = new SoftmaxPolicy(2).Propensities([0, 1]);
        Assert.Equal(1 / (1 + Math.Exp(2)), softmax[0], 1e-12);

        // γ = 10 · √4 = 20: 1/(3 + 20 · 0.4), 1/(3 + 20 · 0.2), the rest.
        var square = new SquareCbPolicy().Propensities([0.1, 0.5, 0.3], learned: 4);
        Assert.Equal(1 / 11.0, square[0], 1e-12);
        Assert.Equal(1 / 7.0, square[2], 1e-12);
        Assert.Equal(1 - (1 / 11.0) - (1 / 7.0), square[1], 1e-12);
    }

    [Fact]
    public void Bad_scores_and_options_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SoftmaxPolicy().Propensities([]));
        Assert.Throws<ArgumentException>(() => new SoftmaxPolicy().Propensities([double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EpsilonGreedyPolicy(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxPolicy(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SquareCbPolicy(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SquareCbPolicy(1, 2));
    }

    private static void ForAll(Action<ExplorationPolicy, double[], int> check)
        => Check.One(_config, Prop.ForAll(Cases.ToArbitrary(), drawn => check(drawn.Policy, drawn.Scores, drawn.Learned)));
}
