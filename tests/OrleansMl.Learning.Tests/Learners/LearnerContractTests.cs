namespace OrleansMl.Learning.Tests.Learners;

/// <summary>What every learner promises, over every type, target and configuration.</summary>
public sealed class LearnerContractTests
{
    public static TheoryData<string> All => LearnerCases.Names;

    public static TheoryData<string> Classifiers => LearnerCases.Of(one => one.Classes > 0);

    /// <summary>Learners that do not tell classes apart but by their labels.</summary>
    public static TheoryData<string> Even => LearnerCases.Of(one => one.Classes > 0 && one.Type is not ("factorization_machine" or "matrix_factorization" or "bagging" or "hoeffding_tree"));

    /// <summary>Learners that say weight w is w examples.</summary>
    public static TheoryData<string> Counting => LearnerCases.Of(one => one.Type == "naive_bayes");

    [Theory]
    [MemberData(nameof(All))]
    public void Predicting_never_changes_the_learner(string name)
    {
        var one = LearnerCases.All[name];
        var learner = one.Make();
        foreach (var example in one.Stream(1, 60))
        {
            var before = learner.Save();
            var first = learner.PredictOne(example.X);
            Assert.Equal(first, learner.PredictOne(example.X));
            _ = Probabilities(learner, one, example);
            _ = learner.Snapshot();
            Assert.Equal(before, learner.Save());
            learner.LearnOne(example.X, example.Label, example.Weight);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_restored_learner_goes_on_bit_for_bit(string name)
    {
        var one = LearnerCases.All[name];
        var stream = one.Stream(2, 300);
        var learner = one.Make();
        var restored = LearnerFactory.Restore(learner.Save());
        for (var i = 0; i < stream.Length; i++)
        {
            if (i % 97 == 0)
                restored = LearnerFactory.Restore(restored.Save());
            Assert.Equal(learner.PredictOne(stream[i].X), restored.PredictOne(stream[i].X));
            learner.LearnOne(stream[i].X, stream[i].Label, stream[i].Weight);
            restored.LearnOne(stream[i].X, stream[i].Label, stream[i].Weight);
        }

        Assert.Equal((learner.Type, learner.Examples), (restored.Type, restored.Examples));
        Assert.Equal(learner.Save(), restored.Save());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Equal_streams_give_equal_bytes(string name)
    {
        var one = LearnerCases.All[name];
        Assert.Equal(Learned(one, 3, 200).Save(), Learned(one, 3, 200).Save());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_snapshot_predicts_what_the_learner_predicts_and_stays(string name)
    {
        var one = LearnerCases.All[name];
        var learner = Learned(one, 4, 400);
        var model = learner.Snapshot();
        Assert.Equal((one.Shape.DenseCount, one.Shape.HashBits, one.Classes), (model.DenseCount, model.HashBits, model.Classes));
        var fresh = one.Stream(5, 100);
        var expected = fresh.Select(example => learner.PredictOne(example.X)).ToArray();
        foreach (var example in one.Stream(6, 50))
            learner.LearnOne(example.X, example.Label);
        var output = new double[Math.Max(1, one.Classes)];
        for (var i = 0; i < fresh.Length; i++)
        {
            Assert.Equal(expected[i], model.PredictOne(fresh[i].X), 1e-9 * Math.Max(1, Math.Abs(expected[i])));
            model.Predict(fresh[i].X, output);
            if (one.Classes > 0)
                Assert.Equal(1, output.Sum(), 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_can_be_separated_is_learned(string name)
    {
        var one = LearnerCases.All[name];
        var learner = Learned(one, 7, 3000);
        var fresh = one.Stream(8, 500);
        if (one.Classes > 0)
        {
            var prior = fresh.GroupBy(example => example.Label).Max(group => group.Count()) / (double)fresh.Length;
            var right = fresh.Count(example => Class(learner, one, example) == example.Label) / (double)fresh.Length;

            // A tree of some leaves draws a slope in steps.
            var gain = one.Type == "hoeffding_tree" || one.Parameters.GetValueOrDefault("base") is "hoeffding_tree" ? 0.35 : 0.5;
            Assert.True(right > prior + (gain * (1 - prior)), $"{right:F3} of {fresh.Length} are right; the most frequent class is {prior:F3}.");
            return;
        }

        var mean = fresh.Average(example => example.Label);
        var spread = fresh.Average(example => Math.Pow(example.Label - mean, 2));
        var error = fresh.Average(example => Math.Pow(example.Label - learner.PredictOne(example.X), 2));
        Assert.True(error < 0.5 * spread, $"The mean squared error is {error:F3}; that of the mean is {spread:F3}.");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_learner_that_knows_nothing_answers(string name)
    {
        var one = LearnerCases.All[name];
        var answer = one.Make().PredictOne(one.Stream(1, 1)[0].X);
        Assert.True(double.IsFinite(answer));
        if (one.Classes == 2)
            Assert.InRange(answer, 0.2, 0.8);
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Probabilities_are_probabilities_and_agree_with_the_answer(string name)
    {
        var one = LearnerCases.All[name];
        var learner = one.Make();
        foreach (var example in one.Stream(9, 300))
        {
            var probabilities = Probabilities(learner, one, example);
            Assert.All(probabilities, probability => Assert.InRange(probability, 0, 1));
            Assert.Equal(1, probabilities.Sum(), 1e-9);
            var answer = learner.PredictOne(example.X);
            Assert.Equal(one.Classes == 2 ? probabilities[1] : Array.IndexOf(probabilities, probabilities.Max()), answer, 1e-12);
            learner.LearnOne(example.X, example.Label, example.Weight);
        }
    }

    [Theory]
    [MemberData(nameof(Even))]
    public void Names_of_the_classes_do_not_matter(string name)
    {
        var one = LearnerCases.All[name];
        int[] renamed = one.Classes == 2 ? [1, 0] : [2, 0, 1];
        var (learner, other) = (one.Make(), one.Make());
        foreach (var example in one.Stream(10, 300))
        {
            var (plain, permuted) = (Probabilities(learner, one, example), Probabilities(other, one, example));
            for (var c = 0; c < one.Classes; c++)
                Assert.Equal(plain[c], permuted[renamed[c]], 1e-6);
            learner.LearnOne(example.X, example.Label);
            other.LearnOne(example.X, renamed[(int)example.Label]);
        }
    }

    [Theory]
    [MemberData(nameof(Counting))]
    public void Weight_two_is_two_examples(string name)
    {
        var one = LearnerCases.All[name];
        var (heavy, twice) = (one.Make(), one.Make());
        foreach (var example in one.Stream(11, 200))
        {
            heavy.LearnOne(example.X, example.Label, 2);
            twice.LearnOne(example.X, example.Label);
            twice.LearnOne(example.X, example.Label);
        }

        foreach (var example in one.Stream(12, 50))
            Assert.Equal(twice.PredictOne(example.X), heavy.PredictOne(example.X), 1e-9);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_batch_is_its_rows_one_by_one(string name)
    {
        var one = LearnerCases.All[name];
        var stream = one.Stream(13, 64);
        double[] dense = [.. stream.SelectMany(example => example.Dense)];
        int[] indices = [.. stream.SelectMany(example => example.Indices)];
        double[] values = [.. stream.SelectMany(example => example.Values)];
        var rows = new FeatureBatch(stream.Length, dense, indices, values);
        var (batch, single) = (one.Make(), one.Make());
        batch.LearnMany(rows, [.. stream.Select(example => example.Label)], [.. stream.Select(example => example.Weight)]);
        foreach (var example in stream)
            single.LearnOne(example.X, example.Label, example.Weight);
        Assert.Equal(single.Save(), batch.Save());

        var predictions = new double[stream.Length];
        batch.PredictMany(rows, predictions);
        Assert.Equal(stream.Select(example => single.PredictOne(example.X)), predictions);
        if (one.Classes > 0 && batch is IMulticlassLearner classifier)
        {
            var probabilities = new double[stream.Length * one.Classes];
            classifier.PredictProbabilitiesMany(rows, probabilities);
            Assert.Equal(stream.SelectMany(example => Probabilities(single, one, example)), probabilities);
        }

        Assert.Throws<ArgumentException>(() => batch.PredictMany(new FeatureBatch(64, dense, indices, values), new double[3]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_is_no_number_is_refused_and_changes_nothing(string name)
    {
        var one = LearnerCases.All[name];
        var learner = Learned(one, 14, 30);
        var good = one.Stream(15, 1)[0];
        var before = learner.Save();
        foreach (var label in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity }.Concat(one.Classes > 0 ? [-1, 0.5, one.Classes] : []))
            Assert.Contains(one.Classes > 0 ? "A label of" : "A label must be finite", Assert.Throws<ArgumentOutOfRangeException>(() => learner.LearnOne(good.X, label)).Message, StringComparison.Ordinal);
        foreach (var weight in new[] { 0, -1, double.NaN, double.PositiveInfinity, 1e13 })
            Assert.Contains("importance weight", Assert.Throws<ArgumentOutOfRangeException>(() => learner.LearnOne(good.X, good.Label, weight)).Message, StringComparison.Ordinal);
        foreach (var value in new[] { double.NaN, double.PositiveInfinity, 1e101 })
        {
            var bad = good with { Dense = [.. good.Dense.Select(_ => value)], Values = one.Shape.DenseCount == 0 ? [value, 1] : good.Values };
            Assert.Throws<ArgumentOutOfRangeException>(() => learner.LearnOne(bad.X, good.Label));
        }

        Assert.Equal(before, learner.Save());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_row_of_another_shape_is_refused_and_changes_nothing(string name)
    {
        var one = LearnerCases.All[name];
        var learner = Learned(one, 16, 30);
        var good = one.Stream(17, 1)[0];
        var before = learner.Save();
        foreach (var bad in new[] { good with { Dense = [.. good.Dense, 1] }, good with { Indices = [1, 64] }, good with { Indices = [-1, 1] }, good with { Values = [1] } })
        {
            Assert.ThrowsAny<ArgumentException>(() => learner.PredictOne(bad.X));
            Assert.ThrowsAny<ArgumentException>(() => learner.LearnOne(bad.X, good.Label));
            Assert.ThrowsAny<ArgumentException>(() => learner.Snapshot().PredictOne(bad.X));
        }

        Assert.Equal(before, learner.Save());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Extreme_rows_leave_a_learner_that_still_answers(string name)
    {
        var one = LearnerCases.All[name];
        var learner = one.Make();
        double[] sizes = [1e-30, 1e9, -1e15, 1e29, -1e-12, 0];
        foreach (var (example, i) in one.Stream(18, 120).Select((example, i) => (example, i)))
        {
            var extreme = example with { Dense = [.. example.Dense.Select((value, j) => value * sizes[(i + j) % sizes.Length])], Weight = i % 7 == 0 ? 1e6 : example.Weight };
            try
            {
                learner.LearnOne(extreme.X, extreme.Label, extreme.Weight);
            }
            catch (LearnerException)
            {
                // Saying so is an answer; what must not be is a learner that has become no number.
            }

            var answer = learner.PredictOne(example.X);
            Assert.True(double.IsFinite(answer), $"After {i + 1} rows the answer is {answer}.");
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_damaged_or_cut_state_is_refused(string name)
    {
        var state = Learned(LearnerCases.All[name], 19, 5).Save();
        for (var i = 0; i < state.Length; i += Math.Max(1, state.Length / 50))
        {
            var damaged = state.ToArray();
            damaged[i] ^= 0x10;
            Assert.Throws<LearnerException>(() => LearnerFactory.Restore(damaged));
            Assert.Throws<LearnerException>(() => LearnerFactory.Restore(state.AsSpan(0, i)));
        }

        Assert.Throws<LearnerException>(() => LearnerFactory.Restore(new NoChangeBaseline().Save()));
    }

    private static ILearner Learned(LearnerCase one, int seed, int count)
    {
        var learner = one.Make();
        foreach (var example in one.Stream(seed, count))
            learner.LearnOne(example.X, example.Label, example.Weight);
        return learner;
    }

    private static double Class(ILearner learner, LearnerCase one, Example example)
        => one.Classes == 2 ? learner.PredictOne(example.X) >= 0.5 ? 1 : 0 : learner.PredictOne(example.X);

    private static double[] Probabilities(ILearner learner, LearnerCase one, Example example)
    {
        if (one.Classes == 0)
            return [];
        var probabilities = new double[one.Classes];
        if (learner is IMulticlassLearner classifier)
            classifier.PredictProbabilities(example.X, probabilities);
        else
            learner.Snapshot().Predict(example.X, probabilities);
        return probabilities;
    }
}
