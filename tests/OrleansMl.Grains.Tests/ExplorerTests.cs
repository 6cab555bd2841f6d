using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Declaration;
using OrleansMl.Learning;
using OrleansMl.Predictions;

namespace OrleansMl.Grains.Tests;

public sealed class ExplorerTests
{
    private static readonly ExplorationPolicy[] s_policies =
        [new EpsilonGreedyPolicy(0.2), new EpsilonGreedyPolicy(0), new SoftmaxPolicy(3), new SoftmaxPolicy(0), new SoftmaxPolicy(1e9), new SquareCbPolicy()];

    [Fact]
    public void Places_are_different_candidates_with_the_propensities_of_their_draws()
    {
        var cases =
            from policy in Gen.Elements(s_policies)
            from scores in Gen.OneOf(Gen.Choose(-40, 40).Select(value => value / 8.0), Gen.Elements(double.MaxValue, double.MinValue)).NonEmptyListOf()
            from places in Gen.Choose(1, scores.Count)
            from decision in Gen.Choose(0, int.MaxValue)
            from learned in Gen.Elements<long?>(null, 0, 5000)
            select (policy, scores.ToArray(), places, decision, learned);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(15, 31), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var (policy, scores, places, decision, learned) = c;
            var explorer = new Explorer(policy, 3);
            var drawn = explorer.Draw(scores, places, (ulong)decision, learned);

            Assert.Equal(places, drawn.Slate.Actions.Distinct().Count());
            Assert.Equal(1, drawn.Propensities.Sum(), 1e-9);
            Assert.Equal(drawn.Propensities[drawn.Slate.Actions[0]], drawn.Slate.Conditional[0], 1e-12);
            Assert.All(drawn.Slate.Conditional, p => Assert.InRange(p, double.Epsilon, 1 + 1e-12));
            Assert.Equal(drawn.Slate.Conditional.Aggregate(1.0, (a, b) => a * b), drawn.Slate.Propensity, 1e-12);
            Assert.Equal(drawn.Slate.Actions.AsEnumerable(), explorer.Draw(scores, places, (ulong)decision, learned).Slate.Actions);
            if (learned is null)
                Assert.All(drawn.Propensities, p => Assert.Equal(1.0 / scores.Length, p, 1e-12));
        }));
    }

    [Fact]
    public void What_a_policy_never_chooses_fills_up_best_first()
    {
        var drawn = new Explorer(new EpsilonGreedyPolicy(0), 1).Draw([0.1, 0.9, 0.4, 0.3], 3, 5, 100);
        Assert.Equal([1, 2, 3], drawn.Slate.Actions.AsEnumerable());
        Assert.Equal([1.0, 1.0, 1.0], drawn.Slate.Conditional.AsEnumerable());
        Assert.Equal(1, drawn.Slate.Propensity);
    }

    [Fact]
    public void A_decision_reads_back_as_it_was_written_and_a_damaged_one_says_so()
    {
        LoggedCandidate[] candidates =
        [
            new("ä\n", 0.25, [new FeatureValue("x", Scalar.Of(1.5), FeatureStatus.Present, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), false)]),
            new("b", 0.75, []),
        ];
        var bytes = DecisionCodec.Encode(candidates);
        var read = DecisionCodec.Decode(bytes);
        Assert.Equal(candidates.Select(c => (c.Subject, c.Propensity)), read.Select(c => (c.Subject, c.Propensity)));
        Assert.Equal(candidates[0].Values.AsEnumerable(), read[0].Values.AsEnumerable());
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidDataException>(() => DecisionCodec.Decode(bytes.AsMemory(0, length)));
    }

    [Theory]
    [InlineData("epsilon_greedy", typeof(EpsilonGreedyPolicy))]
    [InlineData("softmax", typeof(SoftmaxPolicy))]
    [InlineData("square_cb", typeof(SquareCbPolicy))]
    public void Every_declared_type_has_its_policy(string type, Type policy) =>
        Assert.IsType(policy, Explorer.PolicyOf(new ExplorationDefinition(type, 0.1, 2, 10, 0.5)));
}
