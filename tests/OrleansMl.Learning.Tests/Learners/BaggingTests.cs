namespace OrleansMl.Learning.Tests.Learners;

public sealed class BaggingTests
{
    [Fact]
    public void The_answer_is_the_mean_of_the_members()
    {
        var learner = Learned(1, 5);
        var model = (BaggedModel)learner.Snapshot();
        double[] x = [0.3, 0.9];
        Assert.Equal(5, model.Members.Length);
        Assert.Equal(model.Members.Average(member => member.PredictOne(x)), learner.PredictOne(x), 1e-12);
        Assert.True(model.Members.Select(member => member.PredictOne(x)).Distinct().Count() > 1);
    }

    [Fact]
    public void The_seed_decides_the_resamples()
    {
        Assert.Equal(Learned(1, 3).Save(), Learned(1, 3).Save());
        double[] x = [0.3, 0.9];
        Assert.NotEqual(Learned(1, 3).PredictOne(x), Learned(2, 3).PredictOne(x));
    }

    [Fact]
    public void Members_learn_as_often_as_lambda_says_on_average()
    {
        var learner = LearnerFactory.Create("bagging", new Dictionary<string, object> { ["base"] = "naive_bayes", ["models"] = 20.0, ["lambda"] = 2.5, ["priorSmoothing"] = 0.0 }, new LearnerShape(1, 0, 0, 2), 1);
        for (var i = 0; i < 1000; i++)
            learner.LearnOne(new double[] { i % 7 }, i % 2);

        // A member passes over an example with probability e^−2.5, and weighs the others by the draw.
        var members = ((BaggedModel)learner.Snapshot()).Members.Cast<NaiveBayesModel>().ToArray();
        Assert.All(members, member => Assert.Equal(0.5, Math.Exp(member.LogPriors[1]), 0.06));
        Assert.True(members.Select(member => member.LogPriors[1]).Distinct().Count() > 10);
    }

    [Fact]
    public void Parameters_of_the_members_are_checked_by_their_type()
    {
        var unknown = Assert.Throws<LearnerException>(() => LearnerFactory.Create("bagging", new Dictionary<string, object> { ["base"] = "naive_bayes", ["learningRate"] = 0.1 }, new LearnerShape(1, 0, 0, 2), 1));
        Assert.Contains("has no parameter 'learningRate' (available: base, models, lambda, priorSmoothing, smoothing, densityFloor)", unknown.Message, StringComparison.Ordinal);
        var itself = Assert.Throws<LearnerException>(() => LearnerFactory.Create("bagging", new Dictionary<string, object> { ["base"] = "bagging" }, new LearnerShape(1, 0, 0, 2), 1));
        Assert.Contains("Parameter 'base' of bagging is bagging; it must be one of logistic_regression, ", itself.Message, StringComparison.Ordinal);
        var target = Assert.Throws<LearnerException>(() => LearnerFactory.Create("bagging", new Dictionary<string, object> { ["base"] = "naive_bayes" }, new LearnerShape(1, 0, 0, 0), 1));
        Assert.Contains("naive_bayes does not learn values; these do: ", target.Message, StringComparison.Ordinal);
    }

    private static ILearner Learned(long seed, int models)
    {
        var learner = LearnerFactory.Create("bagging", new Dictionary<string, object> { ["base"] = "sgd", ["models"] = (double)models }, new LearnerShape(2, 0, 0, 2), seed);
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            double[] x = [random.NextDouble(), random.NextDouble()];
            learner.LearnOne(x, x[0] > x[1] ? 1 : 0);
        }

        return learner;
    }
}
