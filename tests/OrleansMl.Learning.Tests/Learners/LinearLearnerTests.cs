namespace OrleansMl.Learning.Tests.Learners;

public sealed class LinearLearnerTests
{
    [Theory]
    [InlineData(LinearLearner.LogisticRegression, 1)]
    [InlineData(LinearLearner.LinearRegression, 3.5)]
    public void One_invariant_update_equals_many_tiny_gradient_steps(string type, double label)
    {
        // Without adapting and decay an update of rate η follows the gradient for a time η: the limit of η/n, n times.
        double[] x = [0.7, -1.2];
        const int Steps = 200_000;
        var once = Learner(type, 0.5, true);
        once.LearnOne(x, label);
        var many = Learner(type, 0.5 / Steps, false);
        for (var i = 0; i < Steps; i++)
            many.LearnOne(x, label);
        var (expected, actual) = (many.Snapshot(), once.Snapshot());
        Assert.Equal(expected.Bias, actual.Bias, 1e-5);
        for (var i = 0; i < x.Length; i++)
            Assert.Equal(expected.Dense[i], actual.Dense[i], 1e-5);
    }

    [Theory]
    [InlineData(LinearLearner.LogisticRegression, 0)]
    [InlineData(LinearLearner.LinearRegression, -2)]
    public void Weight_two_equals_learning_twice(string type, double label)
    {
        double[] x = [2, 0.5];
        var heavy = Learner(type, 0.5, true);
        heavy.LearnOne(x, label, 2);
        var twice = Learner(type, 0.5, true);
        twice.LearnOne(x, label);
        twice.LearnOne(x, label);
        Assert.Equal(twice.Snapshot().Bias, heavy.Snapshot().Bias, 1e-9);
        Assert.Equal(twice.Snapshot().Dense[0], heavy.Snapshot().Dense[0], 1e-9);
    }

    [Fact]
    public void A_logistic_update_solves_lamberts_equation()
    {
        // VW's closed form: u = (−y·(W(e^v) − v) − p)/q with v = ηq + yp + e^(yp); here q = |x|² + 1 = 5, η = 0.5, p = 0, y = 1.
        var learner = Learner(LinearLearner.LogisticRegression, 0.5, true);
        learner.LearnOne(new double[] { 2, 0 }, 1);
        const double V = (0.5 * 5) + 1;
        var w = 1.0;
        for (var i = 0; i < 100; i++)
            w -= (w + Math.Log(w) - V) / (1 + (1 / w));
        Assert.Equal((V - w) / 5, learner.Snapshot().Bias, 1e-12);
    }

    [Fact]
    public void The_rate_is_free_of_a_features_scale_when_normalized()
    {
        var plain = (ILinearLearner)LearnerFactory.Create(LinearLearner.LogisticRegression, null, 2, 0, 1);
        var scaled = (ILinearLearner)LearnerFactory.Create(LinearLearner.LogisticRegression, null, 2, 0, 1);
        var random = new Random(4);
        for (var i = 0; i < 500; i++)
        {
            double a = random.NextDouble() - 0.5, b = random.NextDouble();
            var label = a + (0.3 * b) > 0.1 ? 1 : 0;
            Assert.Equal(plain.PredictOne(new[] { a, b }), scaled.PredictOne(new[] { 1e6 * a, 1e-3 * b }), 1e-9);
            plain.LearnOne(new[] { a, b }, label);
            scaled.LearnOne(new[] { 1e6 * a, 1e-3 * b }, label);
        }
    }

    [Fact]
    public void Regression_stays_within_the_labels_seen_unless_told_otherwise()
    {
        var limited = (ILinearLearner)LearnerFactory.Create(LinearLearner.LinearRegression, null, 1, 0, 1);
        var open = (ILinearLearner)LearnerFactory.Create(LinearLearner.LinearRegression, new Dictionary<string, object> { ["clipToLabelRange"] = false }, 1, 0, 1);
        for (var i = 0; i < 200; i++)
        {
            limited.LearnOne(new double[] { i % 5 }, i % 5);
            open.LearnOne(new double[] { i % 5 }, i % 5);
        }

        Assert.Equal(4, limited.PredictOne(new double[] { 100 }));
        Assert.InRange(open.PredictOne(new double[] { 100 }), 50, 150);
        Assert.Equal((0.0, 4.0), (limited.Snapshot().Min, limited.Snapshot().Max));
        Assert.Equal(double.PositiveInfinity, open.Snapshot().Max);
    }

    [Fact]
    public void The_l2_penalty_keeps_weights_smaller()
    {
        var free = Train(0);
        var shrunk = Train(0.01);
        Assert.InRange(Math.Abs(shrunk.Dense[0]), 1e-3, Math.Abs(free.Dense[0]) * 0.8);

        static LinearModel Train(double l2)
        {
            var learner = (ILinearLearner)LearnerFactory.Create(LinearLearner.LogisticRegression, new Dictionary<string, object> { ["l2"] = l2 }, 1, 0, 1);
            for (var i = 0; i < 2000; i++)
                learner.LearnOne(new[] { i % 2 == 0 ? 1.0 : -1 }, (i + 1) % 2);
            return learner.Snapshot();
        }
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(0.5, 1)]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    [InlineData(1, double.PositiveInfinity)]
    public void A_label_or_weight_out_of_range_is_refused_and_changes_nothing(double label, double weight)
    {
        var learner = LearnerFactory.Create(LinearLearner.LogisticRegression, null, 1, 0, 1);
        var before = learner.Save();
        Assert.Throws<ArgumentOutOfRangeException>(() => learner.LearnOne(new double[] { 1 }, label, weight));
        Assert.Equal(before, learner.Save());
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e200)]
    public void A_feature_that_would_spoil_the_state_is_refused(double value)
    {
        var learner = LearnerFactory.Create(LinearLearner.LogisticRegression, null, 1, 0, 1);
        var before = learner.Save();
        Assert.Throws<ArgumentOutOfRangeException>(() => learner.LearnOne(new[] { value }, 1));
        Assert.Equal(before, learner.Save());
    }

    [Fact]
    public void Rows_of_another_shape_are_refused()
    {
        var learner = LearnerFactory.Create(LinearLearner.LogisticRegression, null, 1, 3, 1);
        Assert.Throws<ArgumentException>(() => learner.PredictOne(new double[] { 1, 2 }));
        Assert.Throws<ArgumentException>(() => learner.PredictOne(new FeatureSpan([1], [8], [1])));
        Assert.Throws<ArgumentException>(() => learner.LearnOne(new FeatureSpan([1], [-1], [1]), 1));
        Assert.Throws<ArgumentException>(() => learner.LearnOne(new FeatureSpan([1], [1, 2], [1]), 1));
    }

    [Theory]
    [InlineData("forest", "x", 1.0, "There is no learner 'forest' (available: logistic_regression, linear_regression, sgd, ")]
    [InlineData("logistic_regression", "learnRate", 1.0, "has no parameter 'learnRate' (available: learningRate, powerT, adaptive, normalized, invariant, l2)")]
    [InlineData("logistic_regression", "learningRate", 0.0, "Parameter 'learningRate' of logistic_regression is 0; it must be a number in (0, 100]")]
    [InlineData("logistic_regression", "learningRate", true, "is True; it must be a number")]
    [InlineData("logistic_regression", "adaptive", 1.0, "Parameter 'adaptive' of logistic_regression is 1; it must be true or false")]
    [InlineData("logistic_regression", "clipToLabelRange", true, "has no parameter 'clipToLabelRange'")]
    [InlineData("linear_regression", "l2", double.NaN, "Parameter 'l2' of linear_regression is NaN; it must be a number in [0, 1)")]
    public void A_wrong_declaration_names_the_remedy(string type, string name, object value, string message)
    {
        var refusal = Assert.Throws<LearnerException>(() => LearnerFactory.Create(type, new Dictionary<string, object> { [name] = value }, 1, 0, 1));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    private static ILinearLearner Learner(string type, double rate, bool invariant)
    {
        var parameters = new Dictionary<string, object> { ["learningRate"] = rate, ["powerT"] = 0.0, ["adaptive"] = false, ["normalized"] = false, ["invariant"] = invariant };
        if (type == LinearLearner.LinearRegression)
            parameters["clipToLabelRange"] = false;
        return (ILinearLearner)LearnerFactory.Create(type, parameters, 2, 0, 1);
    }
}
