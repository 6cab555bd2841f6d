namespace OrleansMl.Learning.Tests.Learners;

public sealed class FactorizationTests
{
    private static readonly Dictionary<string, object> _plain = new() { ["optimizer"] = "sgd", ["learningRate"] = 1e-6, ["factors"] = 3.0 };

    [Fact]
    public void A_factorization_machine_sums_over_all_pairs()
    {
        var learner = Learned(out var x);
        var model = (FactorizationMachineModel)learner.Snapshot();
        double[][] rows = [.. Enumerable.Range(0, 2).Select(i => model.Dense.AsSpan(i * 4, 4).ToArray()), .. x.Indices.Select(index => model.Hashed.Find(index).ToArray())];
        double[] values = [.. x.Dense, .. x.Values];
        var score = model.Bias + rows.Zip(values, (row, value) => row[0] * value).Sum();
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = i + 1; j < rows.Length; j++)
                score += rows[i].Skip(1).Zip(rows[j].Skip(1), (v, w) => v * w).Sum() * values[i] * values[j];
        }

        Assert.Equal(score, learner.PredictOne(x.X), 1e-12);
    }

    [Fact]
    public void A_step_follows_the_gradient_of_the_squared_loss()
    {
        var learner = Learned(out var x);
        var before = (FactorizationMachineModel)learner.Snapshot();
        const double Label = 5;
        learner.LearnOne(x.X, Label);
        var after = (FactorizationMachineModel)learner.Snapshot();
        for (var i = 0; i < before.Dense.Length; i++)
        {
            const double Step = 1e-6;
            double Loss(double change) => Math.Pow((before with { Dense = before.Dense.SetItem(i, before.Dense[i] + change) }).PredictOne(x.X) - Label, 2);
            var gradient = (Loss(Step) - Loss(-Step)) / (2 * Step);
            Assert.Equal(-1e-6 * gradient, after.Dense[i] - before.Dense[i], 1e-10);
        }
    }

    [Fact]
    public void First_factors_hang_on_the_place_and_the_seed_not_on_the_order()
    {
        // The factors move, too: but not where the derivative is 0.
        Dictionary<string, object> parameters = new() { ["learningRate"] = 1e-300 };
        var shape = new LearnerShape(0, 8, 1, 2);
        var (one, other, reseeded) = (LearnerFactory.Create("factorization_machine", parameters, shape, 1), LearnerFactory.Create("factorization_machine", parameters, shape, 1), LearnerFactory.Create("factorization_machine", parameters, shape, 2));
        foreach (var place in new[] { 1, 2, 3 })
        {
            one.LearnOne(new FeatureSpan([], [place], [1]), 1);
            other.LearnOne(new FeatureSpan([], [4 - place], [1]), 1);
            reseeded.LearnOne(new FeatureSpan([], [place], [1]), 1);
        }

        var (first, second, third) = (Factors(one), Factors(other), Factors(reseeded));
        Assert.Equal(first, second);
        Assert.NotEqual(first, third);

        static double[] Factors(ILearner learner) => [.. ((FactorizationMachineModel)learner.Snapshot()).Hashed.Values.Where(value => Math.Abs(value) > 1e-100)];
    }

    [Fact]
    public void Pairs_that_no_line_can_tell_are_learned_by_factors()
    {
        var machine = LearnerFactory.Create("factorization_machine", null, new LearnerShape(0, 6, 2, 2), 1);
        var line = LearnerFactory.Create("adagrad", null, new LearnerShape(0, 6, 2, 2), 1);
        var random = new Random(1);
        var (right, rightOfLine) = (0, 0);
        for (var i = 0; i < 6000; i++)
        {
            int[] places = [random.Next(4), 10 + random.Next(4)];
            var label = (places[0] % 2) ^ (places[1] % 2);
            var x = new FeatureSpan([], places, [1, 1]);
            right += i >= 5000 && machine.PredictOne(x) > 0.5 == (label == 1) ? 1 : 0;
            rightOfLine += i >= 5000 && line.PredictOne(x) > 0.5 == (label == 1) ? 1 : 0;
            machine.LearnOne(x, label);
            line.LearnOne(x, label);
        }

        Assert.InRange(right, 990, 1000);
        Assert.InRange(rightOfLine, 300, 700);
    }

    [Fact]
    public void Somebody_new_is_answered_from_what_is_known()
    {
        var learner = LearnerFactory.Create("matrix_factorization", null, new LearnerShape(0, 8, 2, 0), 1);
        var random = new Random(2);
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < 4000; i++)
        {
            int[] ids = [random.Next(20), random.Next(20)];
            var rating = 3 + (ids[0] == 7 ? 1 : 0) - (ids[1] == 9 ? 1.5 : 0);
            (sum, count) = (sum + rating, count + 1);
            learner.LearnOne(new FeatureSpan([], ids, [1, 1]), rating);
        }

        var model = (MatrixFactorizationModel)learner.Snapshot();
        Assert.Equal(sum / count, model.Center, 1e-9);
        Assert.Equal(model.Center, Predict(200, 201), 1e-12);
        Assert.Equal(model.Center + model.Users.Find(7)[0], Predict(7, 201), 1e-12);
        Assert.Equal(model.Center + model.Items.Find(9)[0], Predict(200, 9), 1e-12);
        Assert.Equal(model.Center + model.Items.Find(9)[0], learner.PredictOne(new FeatureSpan([], [7, 9], [0, 1])), 1e-12);
        Assert.InRange(Predict(7, 201) - model.Center, 0.5, 1.5);
        Assert.InRange(Predict(200, 9) - model.Center, -2, -1);
        Assert.Equal(2.5, Predict(7, 9), 0.2);

        double Predict(int user, int item) => learner.PredictOne(new FeatureSpan([], [user, item], [1, 1]));
    }

    [Fact]
    public void A_step_of_the_matrix_factorization_is_that_of_its_formula()
    {
        var learner = LearnerFactory.Create("matrix_factorization", new Dictionary<string, object> { ["factors"] = 2.0, ["l2"] = 0.1, ["l2Factors"] = 0.2 }, new LearnerShape(0, 4, 2, 0), 1);
        var x = new FeatureSpan([], [3, 3], [1, 1]);
        learner.LearnOne(x, 4);
        var before = (MatrixFactorizationModel)learner.Snapshot();
        learner.LearnOne(x, 2);
        var after = (MatrixFactorizationModel)learner.Snapshot();
        var (user, item) = (before.Users.Find(3).ToArray(), before.Items.Find(3).ToArray());
        Assert.NotEqual(user[1], item[1]);

        // The mean of both labels is 3 before the gradient is taken.
        var derivative = 2 * (3 + user[0] + item[0] + (user[1] * item[1]) + (user[2] * item[2]) - 2);
        Assert.Equal(3, after.Center, 1e-15);
        Assert.Equal(user[0] - (0.025 * (derivative + (0.1 * user[0]))), after.Users.Find(3)[0], 1e-15);
        Assert.Equal(user[1] - (0.05 * ((derivative * item[1]) + (0.2 * user[1]))), after.Users.Find(3)[1], 1e-15);
        Assert.Equal(item[2] - (0.05 * ((derivative * user[2]) + (0.2 * item[2]))), after.Items.Find(3)[2], 1e-15);
    }

    private static ILearner Learned(out Example x)
    {
        var learner = LearnerFactory.Create("factorization_machine", _plain, new LearnerShape(2, 6, 2, 0), 3);
        x = new Example([0.5, -1.5], [7, 40], [1, 2], 1, 1);
        for (var i = 0; i < 5; i++)
            learner.LearnOne(x.X, i);
        return learner;
    }
}
