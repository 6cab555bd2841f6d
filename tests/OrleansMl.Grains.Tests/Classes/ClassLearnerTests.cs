namespace OrleansMl.Grains.Tests.Classes;

/// <summary>The learners of several classes beside softmax, from the bootstrap on.</summary>
[Collection(LoopCollection.Name)]
public sealed class ClassLearnerTests(LoopFixture loop)
{
    /// <summary>
    /// scikit-learn 1.2.1, GaussianNB(var_smoothing=0) on the first 60 rows, with the shares (n_c + 1)/(n + 3) for priors.
    /// </summary>
    private static readonly (double[] Point, double[] Probabilities)[] s_naiveBayes =
    [
        ([-1.5, 0.5], [0.6439547, 0.35582851, 0.00021679]),
        ([0.25, -0.25], [0.04330453, 0.71543713, 0.24125833]),
        ([1.5, 1], [1.448e-05, 0.14439376, 0.85559176]),
    ];

    [Fact]
    public async Task Naive_Bayes_bootstrapped_on_rows_answers_as_scikit_learns()
    {
        var toy = await AppliedAsync("{type: naive_bayes, bootstrap: {outcomes: 60}}");
        await toy.TeachAsync(ClassRows.Of(60));
        await toy.CatchUpAsync();
        foreach (var (point, probabilities) in s_naiveBayes)
        {
            var answer = await toy.PredictAsync(point);
            Assert.Equal(1, answer.Version);
            for (var i = 0; i < 3; i++)
                Assert.Equal(probabilities[i], ClassToy.Probabilities(answer)[ClassRows.Classes[i]], 2e-5);
        }
    }

    [Theory]
    [InlineData("{type: naive_bayes, bootstrap: {outcomes: 60}}")]
    [InlineData("{type: hoeffding_tree, params: {gracePeriod: 20}, bootstrap: {outcomes: 60, epochs: 2}}")]
    [InlineData("{type: bagging, params: {base: softmax, models: 5, learningRate: 0.3}, bootstrap: {outcomes: 60, epochs: 3}}")]
    [InlineData("{type: bagging, params: {base: naive_bayes, models: 5}, bootstrap: {outcomes: 60}}")]
    public async Task Each_is_bootstrapped_and_predicts_better_than_the_shares_of_the_classes(string learner)
    {
        var toy = await AppliedAsync(learner);
        await toy.TeachAsync(ClassRows.Of(180));
        var status = await toy.LearnerAsync();
        Assert.Equal(("learning", 180L), (status.State, status.Examples));
        double Figure(string predictor, string metric) => status.Losses.Single(loss => loss.Predictor == predictor && loss.Metric == metric).Cumulative;
        Assert.True(Figure("learner", "accuracy") > Figure("prior", "accuracy") + 0.15, $"accuracy {Figure("learner", "accuracy")}, of the prior {Figure("prior", "accuracy")}");
        Assert.True(Figure("learner", "log_loss") < Figure("prior", "log_loss"), $"log loss {Figure("learner", "log_loss")}, of the prior {Figure("prior", "log_loss")}");
    }

    private async Task<ClassToy> AppliedAsync(string learner)
    {
        var toy = new ClassToy(loop, ["a", "b"], ClassRows.Classes);
        await toy.ApplyAsync(toy.Yaml(learner: learner));
        return toy;
    }
}
