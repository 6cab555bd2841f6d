namespace OrleansMl.Learning.Tests.Learners;

public sealed class BayesAndTreeTests
{
    [Fact]
    public void Naive_bayes_is_bayes_rule_over_normal_densities_and_smoothed_shares()
    {
        var learner = LearnerFactory.Create("naive_bayes", new Dictionary<string, object> { ["smoothing"] = 0.5 }, new LearnerShape(1, 4, 1, 2), 1);
        (double X, int Place, double Label)[] rows = [(1, 3, 0), (3, 3, 0), (2, 5, 0), (6, 5, 1), (8, 9, 1)];
        foreach (var (x, place, label) in rows)
            learner.LearnOne(new FeatureSpan([x], [place], [1]), label);

        // Three places were seen, and all unseen ones share a fourth.
        static double Density(double x, double mean, double variance) => Math.Exp(-(x - mean) * (x - mean) / (2 * variance)) / Math.Sqrt(2 * Math.PI * variance);
        var zero = 4.0 / 7 * (1e-9 + Density(4, 2, 2.0 / 3)) * (1.5 / (3 + (0.5 * 4)));
        var one = 3.0 / 7 * (1e-9 + Density(4, 7, 1)) * (1.5 / (2 + (0.5 * 4)));
        Assert.Equal(one / (zero + one), learner.PredictOne(new FeatureSpan([4], [5], [1])), 1e-12);

        zero = 4.0 / 7 * (1e-9 + Density(4, 2, 2.0 / 3)) * (0.5 / 5);
        one = 3.0 / 7 * (1e-9 + Density(4, 7, 1)) * (0.5 / 4);
        Assert.Equal(one / (zero + one), learner.PredictOne(new FeatureSpan([4], [12], [1])), 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => learner.LearnOne(new FeatureSpan([4], [12], [-1]), 1));
    }

    [Fact]
    public void A_tree_divides_by_the_feature_that_tells_the_classes_apart()
    {
        var learner = Tree(new() { ["gracePeriod"] = 100.0 }, dense: 3, hashed: 0);
        var random = new Random(2);
        for (var i = 0; i < 2000; i++)
        {
            double[] x = [random.NextDouble(), random.NextDouble(), random.NextDouble()];
            learner.LearnOne(x, x[1] > 0.6 ? 1 : 0);
        }

        var model = (HoeffdingTreeModel)learner.Snapshot();
        var root = model.Nodes[0].Test!.Value;
        Assert.Equal((1, false), (root.Feature, root.IsHashed));
        Assert.InRange(root.Value, 0.5, 0.7);
        Assert.True(learner.PredictOne(new[] { 0.5, 0.95, 0.5 }) > 0.9);
        Assert.True(learner.PredictOne(new[] { 0.5, 0.1, 0.5 }) < 0.1);
    }

    [Fact]
    public void A_tree_divides_by_the_place_of_a_hashed_feature()
    {
        var learner = Tree(new() { ["gracePeriod"] = 100.0, ["leafPrediction"] = "majority" }, dense: 1, hashed: 2);
        var random = new Random(3);
        for (var i = 0; i < 2000; i++)
        {
            int[] places = [random.Next(4), random.Next(4)];
            learner.LearnOne(new FeatureSpan([random.NextDouble()], places, [1, i % 10 == 0 ? 0 : 1]), i % 10 != 0 && places[1] == 2 ? 1 : 0);
        }

        var root = ((HoeffdingTreeModel)learner.Snapshot()).Nodes[0].Test!.Value;
        Assert.Equal(new TreeTest(2, true, 2), root);
        Assert.True(learner.PredictOne(new FeatureSpan([0.5], [1, 2], [1, 1])) > 0.95);
        Assert.True(learner.PredictOne(new FeatureSpan([0.5], [1, 2], [1, 0])) < 0.05);
    }

    [Fact]
    public void A_tree_of_noise_or_of_one_class_stays_a_leaf()
    {
        var (noise, pure) = (Tree(new() { ["tau"] = 0.0 }, 2, 0), Tree([], 2, 0));
        var random = new Random(5);
        for (var i = 0; i < 3000; i++)
        {
            double[] x = [random.NextDouble(), random.NextDouble()];
            noise.LearnOne(x, random.Next(2));
            pure.LearnOne(x, 1);
        }

        Assert.Single(((HoeffdingTreeModel)noise.Snapshot()).Nodes);
        Assert.Single(((HoeffdingTreeModel)pure.Snapshot()).Nodes);
        Assert.Equal(1, pure.PredictOne(new double[] { 0.5, 0.5 }));
    }

    [Theory]
    [InlineData("maxLeaves", 3.0, 3)]
    [InlineData("maxDepth", 1.0, 2)]
    public void A_tree_keeps_to_its_limits(string limit, double value, int leaves)
    {
        var learner = Tree(new() { ["gracePeriod"] = 20.0, ["tau"] = 5.0, [limit] = value }, 2, 0);
        var random = new Random(6);
        for (var i = 0; i < 2000; i++)
        {
            double[] x = [random.NextDouble(), random.NextDouble()];
            learner.LearnOne(x, (x[0] > 0.5) == (x[1] > 0.5) ? 1 : 0);
        }

        Assert.Equal(leaves, ((HoeffdingTreeModel)learner.Snapshot()).Leaves.Length);
    }

    [Fact]
    public void A_leaf_that_sees_ids_does_not_grow_with_their_number()
    {
        var learner = LearnerFactory.Create("hoeffding_tree", new Dictionary<string, object> { ["gracePeriod"] = 1e9 }, new LearnerShape(0, 20, 1, 2), 1);
        for (var i = 0; i < 5000; i++)
            learner.LearnOne(new FeatureSpan([], [i], [1]), i % 2);
        Assert.InRange(learner.Save().Length, 1000 * 20, 1100 * 20);
    }

    private static ILearner Tree(Dictionary<string, object> parameters, int dense, int hashed)
        => LearnerFactory.Create("hoeffding_tree", parameters, new LearnerShape(dense, hashed > 0 ? 6 : 0, hashed, 2), 1);
}
