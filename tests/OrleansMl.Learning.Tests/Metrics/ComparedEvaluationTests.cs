namespace OrleansMl.Learning.Tests.Metrics;

public sealed class ComparedEvaluationTests
{
    [Fact]
    public void A_model_stands_beside_its_baselines_on_the_same_rows()
    {
        var evaluation = new ComparedEvaluation(binary: true);
        foreach (var label in new double[] { 1, 1, 0, 1, 1, 0, 1, 1 })
            evaluation.Add(1, label);
        Assert.Equal(6 / 8.0, evaluation.Model.Accuracy!.Cumulative, 1e-12);

        // Before the first label no-change and majority say 0, the prior 0.5, which counts as 1.
        Assert.Equal(3 / 8.0, evaluation.NoChange.Accuracy!.Cumulative, 1e-12);
        Assert.Equal(6 / 8.0, evaluation.Prior.Accuracy!.Cumulative, 1e-12);
        Assert.Equal(5 / 8.0, evaluation.Majority.Accuracy!.Cumulative, 1e-12);
    }

    [Fact]
    public void Baselines_are_scored_with_what_they_knew_when_the_model_predicted()
    {
        var evaluation = new ComparedEvaluation(binary: true);
        var first = evaluation.Predict();
        var second = evaluation.Predict();
        evaluation.Add(0.9, 1, first);
        evaluation.Add(0.9, 1, second);
        Assert.Equal(0, evaluation.NoChange.Accuracy!.Cumulative);
        Assert.Equal(new BaselinePredictions(1, 1, 1), evaluation.Predict());
    }

    [Fact]
    public void The_majority_is_the_label_seen_most_often()
    {
        var baseline = new MajorityBaseline();
        Assert.Equal(0, baseline.Predict());
        foreach (var (label, expected) in new (double, double)[] { (3, 3), (2, 2), (3, 3), (2, 2), (2, 2) })
        {
            baseline.Learn(label);
            Assert.Equal(expected, baseline.Predict());
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => baseline.Learn(double.NaN));
        var restored = MajorityBaseline.Restore(baseline.Save());
        Assert.Equal((baseline.Predict(), baseline.Count), (restored.Predict(), restored.Count));
        restored.Learn(3);
        restored.Learn(3);
        Assert.Equal(3, restored.Predict());
    }

    [Fact]
    public void A_restored_evaluation_by_slice_goes_on_bit_for_bit()
    {
        var random = new Random(4);
        var evaluation = new SlicedEvaluation(binary: true, maxSlices: 3, window: 10);
        for (var i = 0; i < 100; i++)
            evaluation.Add($"slice {random.Next(6)}", random.NextDouble(), random.Next(2));
        var restored = SlicedEvaluation.Restore(evaluation.Save());
        for (var i = 0; i < 100; i++)
        {
            var (slice, prediction, label) = ($"slice {random.Next(6)}", random.NextDouble(), random.Next(2));
            evaluation.Add(slice, prediction, label);
            restored.Add(slice, prediction, label);
        }

        Assert.Equal(evaluation.Save(), restored.Save());
        Assert.Throws<LearnerException>(() => SlicedEvaluation.Restore(new MajorityBaseline().Save()));
        Assert.Throws<LearnerException>(() => ComparedEvaluation.Restore(new MajorityBaseline().Save()));
    }

    [Fact]
    public void Slices_without_a_place_count_together_and_all_rows_in_all()
    {
        var evaluation = new SlicedEvaluation(binary: false, maxSlices: 2);
        foreach (var slice in new[] { "a", "b", "c", "d", "a" })
            evaluation.Add(slice, 1, 2);
        Assert.Equal([(SlicedEvaluation.Others, 2L), ("a", 2L), ("b", 1L)], evaluation.Slices.Select(slice => (slice.Key, slice.Value.Model.Count)));
        Assert.Equal(5, evaluation.All.Model.Count);
        Assert.Throws<ArgumentException>(() => evaluation.Add("", 1, 2));
    }
}
