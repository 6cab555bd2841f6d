namespace OrleansMl.Learning.Tests.Learners;

/// <summary>The gradient learners against their formulas.</summary>
public sealed class GradientLearnerTests
{
    private static readonly double[] _x = [0.5, -2];

    [Fact]
    public void A_plain_step_is_the_rate_times_the_gradient()
    {
        var model = Learned("sgd", new() { ["learningRate"] = 0.1 }, 0, _x, 3);

        // p = 0, derivative 2(p − y) = −6.
        Assert.Equal(0.6, model.Bias, 1e-15);
        Assert.Equal([0.3, -1.2], model.Dense.Select(weight => Math.Round(weight, 12)));
    }

    [Fact]
    public void The_first_step_of_AdaGrad_and_of_Adam_is_the_rate_in_size_whatever_the_gradient()
    {
        foreach (var type in new[] { "adagrad", "adam" })
        {
            var model = Learned(type, new() { ["learningRate"] = 0.25 }, 2, _x, 1);
            Assert.Equal(0.25, model.Bias, 1e-5);
            Assert.Equal(0.25, model.Dense[0], 1e-5);
            Assert.Equal(-0.25, model.Dense[1], 1e-5);
        }
    }

    [Fact]
    public void The_second_step_of_Adam_is_that_of_the_paper()
    {
        const double Rate = 0.1, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
        var learner = Make("adam", new() { ["learningRate"] = Rate }, 0, 1);
        double[] labels = [1, -2];
        double weight = 0, mean = 0, square = 0;
        for (var step = 1; step <= 2; step++)
        {
            // One dense feature of 0: the constant alone learns.
            learner.LearnOne(new double[] { 0 }, labels[step - 1]);
            var gradient = 2 * (weight - labels[step - 1]);
            mean = (Beta1 * mean) + ((1 - Beta1) * gradient);
            square = (Beta2 * square) + ((1 - Beta2) * gradient * gradient);
            weight -= Rate * Math.Sqrt(1 - Math.Pow(Beta2, step)) / (1 - Math.Pow(Beta1, step)) * mean / (Math.Sqrt(square) + Epsilon);
        }

        Assert.Equal(weight, ((ILinearLearner)learner).Snapshot().Bias, 1e-14);
    }

    [Fact]
    public void Ftrl_keeps_a_weight_at_0_until_its_evidence_is_over_l1()
    {
        var learner = Make("ftrl", new() { ["alpha"] = 0.5, ["l1"] = 1.2, ["l2"] = 0.0, ["interceptRate"] = 0.0 }, 2, 1);
        var weights = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            learner.LearnOne(new double[] { 1 }, 1);
            weights.Add(((ILinearLearner)learner).Snapshot().Dense[0]);
        }

        // Each step adds −½ to z while the weight is 0: ½ and 1 are within 1.2, 1.5 is not.
        Assert.Equal([0, 0], weights[..2]);
        Assert.Equal((1.5 - 1.2) / ((1 + Math.Sqrt(0.75)) / 0.5), weights[2], 1e-14);
        Assert.True(weights[5] > weights[2]);
    }

    [Fact]
    public void The_clip_limits_the_derivative_and_so_the_step()
    {
        var model = Learned("sgd", new() { ["learningRate"] = 1.0, ["clipGradient"] = 0.25 }, 0, _x, 1000);
        Assert.Equal(0.25, model.Bias, 1e-15);
        Assert.Equal(0.125, model.Dense[0], 1e-15);
    }

    [Fact]
    public void The_constant_moves_at_a_rate_of_its_own_when_one_is_given()
    {
        var model = Learned("adagrad", new() { ["interceptRate"] = 0.01 }, 2, _x, 1);
        Assert.Equal(0.005, model.Bias, 1e-15);
        Assert.Equal(0, Learned("sgd", new() { ["interceptRate"] = 0.0 }, 2, _x, 1).Bias);
    }

    [Fact]
    public void A_prediction_stays_within_the_labels_seen_when_told_so()
    {
        var learner = Make("sgd", new() { ["clipToLabelRange"] = true, ["learningRate"] = 0.05 }, 0, 1);
        for (var i = 0; i < 500; i++)
            learner.LearnOne(new double[] { i % 5 }, i % 5);
        Assert.Equal(4, learner.PredictOne(new double[] { 100 }));
        Assert.Equal((0.0, 4.0), (((ILinearLearner)learner).Snapshot().Min, ((ILinearLearner)learner).Snapshot().Max));
    }

    [Fact]
    public void Softmax_of_two_classes_moves_their_weights_against_each_other()
    {
        var learner = LearnerFactory.Create("softmax", new Dictionary<string, object> { ["learningRate"] = 0.5 }, new LearnerShape(2, 0, 0, 2), 1);
        learner.LearnOne(_x, 1);
        var model = (SoftmaxModel)learner.Snapshot();
        Assert.Equal([-0.25, 0.25], model.Bias.AsEnumerable());
        Assert.Equal([-0.125, 0.125, 0.5, -0.5], model.Dense.AsEnumerable());
    }

    [Theory]
    [InlineData("pa", 1.0)]
    [InlineData("pa1", 0.1)]
    [InlineData("pa2", 0.5)]
    public void A_passive_aggressive_step_is_that_of_the_paper(string variant, double c)
    {
        var squared = (_x[0] * _x[0]) + (_x[1] * _x[1]);
        var step = variant switch
        {
            "pa" => 1 / squared,
            "pa1" => Math.Min(c, 1 / squared),
            _ => 1 / (squared + (1 / (2 * c))),
        };
        var model = Learned("passive_aggressive", new() { ["variant"] = variant, ["c"] = c }, 2, _x, 0);
        Assert.Equal(-step, model.Bias, 1e-15);
        Assert.Equal(-step * _x[1], model.Dense[1], 1e-15);
    }

    [Fact]
    public void A_passive_aggressive_learner_mends_the_loss_at_once_and_then_rests()
    {
        var learner = Make("passive_aggressive", new() { ["variant"] = "pa", ["intercept"] = false, ["epsilon"] = 0.5 }, 0, 2);
        learner.LearnOne(_x, 7);
        Assert.Equal(6.5, learner.PredictOne(_x), 1e-12);
        var before = ((ILinearLearner)learner).Snapshot().Dense;
        learner.LearnOne(_x, 6.9);
        Assert.Equal(before.AsEnumerable(), ((ILinearLearner)learner).Snapshot().Dense.AsEnumerable());
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adagrad")]
    [InlineData("adam")]
    [InlineData("ftrl")]
    [InlineData("passive_aggressive")]
    [InlineData("logistic_regression")]
    public void Learning_and_predicting_allocate_nothing(string type)
    {
        var learner = LearnerFactory.Create(type, null, new LearnerShape(4, 8, 3, 2), 1);
        double[] dense = [1, 2, 3, 4], values = [1, 0, 1];
        int[] indices = [3, 0, 200];
        double sum = 0;
        for (var i = 0; i < 200; i++)
            Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(double.IsFinite(sum));

        void Step()
        {
            var x = new FeatureSpan(dense, indices, values);
            sum += learner.PredictOne(x);
            learner.LearnOne(x, sum > 100 ? 0 : 1);
        }
    }

    [Fact]
    public void A_wide_table_costs_what_was_learned_and_is_written_by_place()
    {
        var (one, other) = (Wide(), Wide());
        int[] places = [5, 1 << 23, 77_777];
        foreach (var place in places)
            one.LearnOne(new FeatureSpan([], [place], [1]), 1);
        foreach (var place in places.Reverse())
            other.LearnOne(new FeatureSpan([], [place], [1]), 1);
        Assert.Equal(one.Save(), other.Save());
        Assert.InRange(one.Save().Length, 100, 1000);

        // Nothing of the constant: each row then is the same step, whatever came before.
        static ILearner Wide() => LearnerFactory.Create("sgd", new Dictionary<string, object> { ["interceptRate"] = 0.0 }, new LearnerShape(0, 24, 1, 2), 1);
    }

    private static LinearModel Learned(string type, Dictionary<string, object> parameters, int classes, double[] x, double label)
    {
        var learner = Make(type, parameters, classes, x.Length);
        learner.LearnOne(x, label);
        return ((ILinearLearner)learner).Snapshot();
    }

    private static ILearner Make(string type, Dictionary<string, object> parameters, int classes, int dense)
        => LearnerFactory.Create(type, parameters, new LearnerShape(dense, 0, 0, classes), 1);
}
