namespace OrleansMl.Learning.Tests.Heads;

public sealed class HeadLearnerTests
{
    private static readonly HeadModel _start = new([1, 0, -1, 0.5, 0.25, 2], [0.1, -0.2], Link.Logistic);

    [Fact]
    public void A_learner_begins_with_the_weights_of_the_network()
    {
        var learner = HeadLearners.Start(_start, null, 1);
        var (own, theirs) = (new double[2], new double[2]);
        double[] h = [0.3, -1, 2];
        learner.PredictProbabilities(h, own);
        _start.Predict(h, theirs);
        Assert.Equal(theirs, own);
        Assert.Equal(2, learner.Head.Rows);
    }

    [Fact]
    public void A_step_is_the_gradient_of_the_example_and_of_what_is_rehearsed_with_it()
    {
        var learner = HeadLearners.Start(_start, new Dictionary<string, object> { ["learningRate"] = 0.5 }, 1);
        double[] old = [1, 1, 0];
        learner.Remember(old, 1);
        double[] h = [0.3, -1, 2];
        learner.LearnOne(h, 0);

        double[] expected = [.. _start.Weights];
        foreach (var (row, label) in new[] { (h, 0), (old, 1) })
        {
            var p = new double[2];
            _start.Predict(row, p);
            for (var r = 0; r < 2; r++)
            {
                for (var j = 0; j < 3; j++)
                    expected[(r * 3) + j] -= 0.5 * (p[r] - (r == label ? 1 : 0)) * row[j];
            }
        }

        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], learner.Head.Weights[i], 1e-12);
        Assert.Equal((1, 2), (learner.Examples, learner.Remembered));
    }

    [Fact]
    public void A_head_with_two_rows_goes_on_from_its_state_bit_for_bit()
    {
        var learner = HeadLearners.Start(_start, new Dictionary<string, object> { ["ewc"] = 2.0, ["momentum"] = 0.3 }, 5);
        Teach(learner, 0, 50);
        learner.Consolidate();
        Teach(learner, 50, 20);
        var restored = (IHeadLearner)LearnerFactory.Restore(learner.Save());
        Teach(learner, 70, 50);
        Teach(restored, 70, 50);
        Assert.Equal(learner.Save(), restored.Save());
    }

    [Fact]
    public void One_logit_becomes_three_classes_that_answer_as_before()
    {
        var one = HeadLearners.Start(new HeadModel([1, -1], [0.5], Link.Logistic), null, 1);
        one.Remember(new double[] { 1, 2 }, 1);
        var three = one.WithClasses(3);
        var (before, after) = (new double[2], new double[3]);
        double[] h = [2, 0.5];
        one.PredictProbabilities(h, before);
        three.PredictProbabilities(h, after);
        Assert.Equal(before[1] / before[0], after[1] / after[0], 1e-9);
        Assert.Equal((3, 1), (three.Classes, three.Remembered));
        three.LearnOne(h, 2);
        Assert.Equal(three.Save(), LearnerFactory.Restore(three.Save()).Save());
    }

    [Fact]
    public void Behind_a_Relu_the_gradient_goes_through_what_is_not_cut_off_and_brings_back_what_should_be()
    {
        // Scores 1, −1 and −2: the last two count as 0.
        var start = new HeadModel([1, -1, -2], [0, 0, 0], Link.Logistic) { IsRectified = true };
        var learner = HeadLearners.Start(start, new Dictionary<string, object> { ["learningRate"] = 0.5 }, 1);
        double[] h = [1];
        var p = new double[3];
        start.Predict(h, p);
        var sum = Math.E + 2;
        Assert.Equal(Math.E / sum, p[0], 1e-12);
        Assert.Equal(1 / sum, p[1], 1e-12);

        // The truth is the second: it rises though it is cut off, the first falls, and the third, which cannot fall further, stays.
        learner.LearnOne(h, 1);
        Assert.Equal(1 - (0.5 * p[0]), learner.Head.Weights[0], 1e-12);
        Assert.Equal(-1 - (0.5 * (p[1] - 1)), learner.Head.Weights[1], 1e-12);
        Assert.Equal(-2, learner.Head.Weights[2]);
        Assert.True(learner.Head.IsRectified);
        for (var step = 0; step < 50; step++)
            learner.LearnOne(h, 1);
        learner.PredictProbabilities(h, p);
        Assert.InRange(p[1], 0.8, 1);

        var restored = (IHeadLearner)LearnerFactory.Restore(learner.Save());
        restored.LearnOne(h, 2);
        learner.LearnOne(h, 2);
        Assert.Equal((true, true), (restored.Head.IsRectified, restored.WithClasses(4).Head.IsRectified));
        Assert.Equal(learner.Save(), restored.Save());
    }

    [Fact]
    public void What_a_rectified_head_holds_on_to_are_the_weights_that_mattered()
    {
        var parameters = new Dictionary<string, object> { ["learningRate"] = 0.1, ["ewc"] = 1e9, ["replay"] = 0.0 };
        var learner = HeadLearners.Start(new HeadModel([1, -1], [0, 0], Link.Logistic) { IsRectified = true }, parameters, 1);
        learner.Remember(new double[] { 1 }, 0);
        learner.Consolidate();

        // The second score was cut off for the row that is remembered, so its weights are free; the first is held.
        learner.LearnOne(new double[] { 1 }, 1);
        Assert.Equal(1, learner.Head.Weights[0], 1e-6);
        Assert.InRange(learner.Head.Weights[1], -0.95, -0.9);
    }

    [Fact]
    public void A_value_has_no_classes_to_add_to_and_fewer_are_refused()
    {
        Assert.Contains("answers a value", Assert.Throws<LearnerException>(() => HeadLearners.Start(HeadModel.Zero(2, 0), null, 1).WithClasses(3)).Message, StringComparison.Ordinal);
        Assert.Contains("are not more", Assert.Throws<LearnerException>(() => HeadLearners.Start(_start, null, 1).WithClasses(2)).Message, StringComparison.Ordinal);
        var hashed = LearnerFactory.Create("head", null, new LearnerShape(2, 4, 1, 2), 1);
        Assert.Contains("leave hash and cross out", Assert.Throws<ArgumentException>(() => hashed.LearnOne(new FeatureSpan([1, 2], [3], [1]), 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_that_is_no_number_changes_nothing_not_even_what_is_drawn_next()
    {
        var learner = HeadLearners.Start(new HeadModel([1, 1], [0], Link.Identity), null, 1);
        learner.Remember(new double[] { 1, 1 }, 1);
        learner.Remember(new double[] { 2, 1 }, 1);
        var before = learner.Save();

        // The score of a row of 1e100 times a weight of 1e250 is beyond a double.
        var spoiled = HeadLearners.Start(new HeadModel([1e250, 1e250], [0], Link.Identity), null, 1);
        spoiled.Remember(new double[] { 1, 1 }, 1);
        var state = spoiled.Save();
        Assert.Throws<LearnerException>(() => spoiled.LearnOne(new double[] { 1e100, 1e100 }, 0));
        Assert.Equal(state, spoiled.Save());
        Assert.Throws<ArgumentOutOfRangeException>(() => learner.Remember(new double[] { double.NaN, 1 }, 1));
        Assert.Equal(before, learner.Save());
    }

    private static void Teach(IHeadLearner learner, int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            double[] h = [random.NextDouble(), random.NextDouble() - 0.5, random.NextDouble()];
            learner.LearnOne(h, h[1] > 0 ? 1 : 0);
        }
    }
}
