namespace OrleansMl.Learning.Tests.Golden;

/// <summary>linear_lbfgs beside scikit-learn 1.2.1 (<c>Golden/scripts/linear.py</c>).</summary>
public sealed class LinearTrainerGoldenTests
{
    private static readonly AnswerFile _answers = new("linear");

    [SkippableTheory]
    [InlineData("l2_1", 1, "none")]
    [InlineData("l2_10_balanced", 10, "balanced")]
    public void Logistic_regression_on_adult_census_is_that_of_scikit_learn(string name, double l2, string classWeight)
    {
        var rows = Batches.Adult();
        var model = (LinearModel)Fit(rows, 2, new() { ["l2"] = l2, ["classWeight"] = classWeight, ["tolerance"] = 1e-9 });
        AssertNear(_answers.Numbers($"adult/{name}/coefficients"), model.Dense, 1e-5);
        AssertNear(_answers.Numbers($"adult/{name}/constants"), [model.Bias], 1e-5);
        AssertObjective($"adult/{name}", rows, model, l2, classWeight == "balanced", model.Dense);
    }

    [SkippableFact]
    public void Hashed_categories_are_learned_as_their_indicators()
    {
        var (indicators, hashed) = (Batches.Adult(), Batches.Adult(hashBits: 22));
        var (dense, sparse) = (Fit(indicators, 2, new() { ["tolerance"] = 1e-9 }), Fit(hashed, 2, new() { ["tolerance"] = 1e-9 }, threads: 2));
        for (var row = 0; row < indicators.Count; row += 7)
            Assert.Equal(dense.PredictOne(indicators[row]), sparse.PredictOne(hashed[row]), 1e-5);
    }

    [SkippableFact]
    public void Multinomial_regression_on_the_digits_is_that_of_scikit_learn()
    {
        var rows = Batches.Digits();
        var model = (SoftmaxModel)Fit(rows, 10, new() { ["tolerance"] = 1e-9 }, threads: 2);
        double[] byClass = [.. Enumerable.Range(0, 10).SelectMany(c => Enumerable.Range(0, 64).Select(j => model.Dense[(j * 10) + c]))];
        AssertNear(_answers.Numbers("optdigits/l2_1/coefficients"), byClass, 2e-5);
        AssertNear(_answers.Numbers("optdigits/l2_1/constants"), model.Bias, 2e-5);
        AssertObjective("optdigits/l2_1", rows, model, 1, balanced: false, model.Dense);
    }

    [SkippableTheory]
    [InlineData("l2_1", 1, false)]
    [InlineData("l2_1000_weighted", 1000, true)]
    public void Ridge_on_bike_sharing_is_that_of_scikit_learn_whatever_the_scales(string name, double l2, bool weighted)
    {
        var rows = Batches.Bikes();
        if (weighted)
            rows = Batches.Bikes([.. Enumerable.Range(0, rows.Count).Select(row => 1.0 + (row % 3))]);
        var model = (LinearModel)Fit(rows, 0, new() { ["l2"] = l2, ["tolerance"] = 1e-9 });
        var expected = _answers.Numbers($"bike/{name}/coefficients");
        for (var j = 0; j < expected.Length; j++)
            Assert.Equal(expected[j], model.Dense[j], 1e-6 * Math.Max(1, Math.Abs(expected[j])));
        Assert.Equal(_answers.Numbers($"bike/{name}/constants")[0], model.Bias, 1e-5);
        var error = Enumerable.Range(0, rows.Count).Average(row => Math.Pow(model.PredictOne(rows[row]) - rows.Targets[row], 2));
        Assert.Equal(_answers.Number($"bike/{name}/squared_error"), error, 1e-5);
    }

    private static LearnerModel Fit(TrainingRows rows, int classes, Dictionary<string, object> parameters, int threads = 1)
    {
        var shape = new LearnerShape(rows.DenseCount, rows.HashedCount > 0 ? 22 : 0, rows.HashedCount, classes);
        return TrainerFactory.Create("linear_lbfgs", parameters, new TrainerShape(shape, []), 1, threads).Fit(rows, null, null, CancellationToken.None);
    }

    /// <summary>What is minimised is as small as Newton's method finds it, and so at most what scikit-learn's lbfgs leaves.</summary>
    private static void AssertObjective(string name, TrainingRows rows, LearnerModel model, double l2, bool balanced, IEnumerable<double> penalized)
    {
        var counts = Enumerable.Range(0, model.Classes).Select(c => rows.Targets.Count(target => target == c)).ToArray();
        var probabilities = new double[model.Classes];
        var sum = 0.5 * l2 * penalized.Sum(weight => weight * weight);
        for (var row = 0; row < rows.Count; row++)
        {
            model.Predict(rows[row], probabilities);
            var c = (int)rows.Targets[row];
            sum -= (balanced ? rows.Count / ((double)model.Classes * counts[c]) : 1) * Math.Log(probabilities[c]);
        }

        var minimum = _answers.Number(name + "/objective");
        Assert.InRange(sum, minimum - 1e-6, minimum + 1e-6);
        Assert.True(sum <= _answers.Number(name + "/lbfgs_objective"));
    }

    private static void AssertNear(double[] expected, IReadOnlyList<double> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }
}
