using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Learners;

/// <summary>What the learner with Vowpal Wabbit's updates promises, over its options and drawn streams.</summary>
public sealed class LinearLearnerPropertyTests
{
    private const int Dense = 3;
    private const int Bits = 6;

    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(3, 17);

    private static Gen<Example> Examples { get; } =
        from dense in Gen.Frequency((5, Gen.Choose(-4000, 4000).Select(value => value / 1000.0)), (1, Gen.Constant(0.0)), (1, Gen.Choose(-9, 9).Select(power => Math.Pow(10, power)))).ArrayOf(Dense)
        from indices in Gen.Choose(0, (1 << Bits) - 1).ArrayOf(2)
        from values in Gen.Elements(0.0, 1.0, -2.5).ArrayOf(2)
        from label in Gen.Elements(0.0, 1.0)
        from weight in Gen.Elements(1.0, 0.25, 3.0)
        select new Example(dense, indices, values, label, weight);

    private static Gen<(Func<ILearner> Make, Example[] Stream)> Cases { get; } =
        from type in Gen.Elements(LinearLearner.LogisticRegression, LinearLearner.LinearRegression)
        from adaptive in Gen.Elements(true, false)
        from normalized in Gen.Elements(true, false)
        from invariant in Gen.Elements(true, false)
        from powerT in Gen.Elements(0.5, 0.0, 0.3)
        from l2 in Gen.Elements(0.0, 0.01)
        from stream in Examples.ListOf(30)
        let parameters = new Dictionary<string, object>
        {
            ["adaptive"] = adaptive,
            ["normalized"] = normalized,
            ["invariant"] = invariant,
            ["powerT"] = powerT,
            ["l2"] = l2,
        }
        select ((Func<ILearner>)(() => LearnerFactory.Create(type, parameters, Dense, Bits, 1)), stream.ToArray());

    [Fact]
    public void Predicting_never_changes_the_learner()
        => ForAll((make, stream) =>
        {
            var learner = make();
            foreach (var example in stream)
            {
                var before = learner.Save();
                var first = learner.PredictOne(example.X);
                Assert.Equal(first, learner.PredictOne(example.X));
                Assert.Equal(before, learner.Save());
                learner.LearnOne(example.X, example.Label, example.Weight);
            }
        });

    [Fact]
    public void A_restored_learner_goes_on_bit_for_bit()
        => ForAll((make, stream) =>
        {
            var learner = make();
            for (var i = 0; i < stream.Length; i++)
            {
                if (i == stream.Length / 2)
                {
                    var restored = LearnerFactory.Restore(learner.Save());
                    Assert.Equal((learner.Type, learner.Examples), (restored.Type, restored.Examples));
                    for (var j = i; j < stream.Length; j++)
                        restored.LearnOne(stream[j].X, stream[j].Label, stream[j].Weight);
                    for (var j = i; j < stream.Length; j++)
                        learner.LearnOne(stream[j].X, stream[j].Label, stream[j].Weight);
                    Assert.Equal(learner.Save(), restored.Save());
                    return;
                }

                learner.LearnOne(stream[i].X, stream[i].Label, stream[i].Weight);
            }
        });

    [Fact]
    public void Predictions_stay_finite_and_probabilities_inside_0_and_1()
        => ForAll((make, stream) =>
        {
            var learner = make();
            foreach (var example in stream)
            {
                learner.LearnOne(example.X, example.Label, example.Weight);
                var prediction = learner.PredictOne(example.X);
                if (learner.Type == LinearLearner.LogisticRegression)
                    Assert.InRange(prediction, LinearLearner.ProbabilityMargin, 1 - LinearLearner.ProbabilityMargin);
                else
                    Assert.True(double.IsFinite(prediction));
            }
        });

    [Fact]
    public void The_snapshot_predicts_what_the_learner_predicts()
        => ForAll((make, stream) =>
        {
            var learner = (ILinearLearner)make();
            foreach (var example in stream)
                learner.LearnOne(example.X, example.Label, example.Weight);
            var model = learner.Snapshot();
            var table = model.Hashed.ToDictionary(weight => weight.Index, weight => weight.Weight);
            foreach (var example in stream)
            {
                var linear = model.Bias + example.Dense.Zip(model.Dense, (x, w) => x * w).Sum() + example.Indices.Zip(example.Values, (index, value) => table.GetValueOrDefault(index) * value).Sum();
                linear = Math.Clamp(linear, model.Min, model.Max);
                var expected = model.Link == Link.Logistic ? 1 / (1 + Math.Exp(-linear)) : linear;
                Assert.InRange(learner.PredictOne(example.X) - expected, -1e-6, 1e-6);
            }
        });

    private static void ForAll(Action<Func<ILearner>, Example[]> check)
        => Check.One(_config, Prop.ForAll(Cases.ToArbitrary(), drawn => check(drawn.Make, drawn.Stream)));
}
