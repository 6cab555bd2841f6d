namespace OrleansMl.Learning.Tests.Metrics;

public sealed class PrequentialTests
{
    [Fact]
    public void The_three_means_follow_their_definitions()
    {
        var mean = new PrequentialMean(window: 3, fading: 0.5);
        foreach (var value in new double[] { 8, 4, 2, 1 })
            mean.Add(value);
        Assert.Equal(15 / 4.0, mean.Cumulative, 1e-12);
        Assert.Equal(7 / 3.0, mean.Windowed, 1e-12);
        Assert.Equal((1 + 1 + 1 + 1) / (1 + 0.5 + 0.25 + 0.125), mean.Faded, 1e-12);
    }

    [Fact]
    public void A_mean_of_nothing_is_no_number()
    {
        var mean = new PrequentialMean();
        Assert.True(double.IsNaN(mean.Cumulative) && double.IsNaN(mean.Windowed) && double.IsNaN(mean.Faded));
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(true, 2500)]
    [InlineData(false, 2500)]
    public void A_restored_evaluation_goes_on_bit_for_bit(bool binary, int count)
    {
        var random = new Random(8);
        var evaluation = new PrequentialEvaluation(binary, window: 100);
        for (var i = 0; i < count; i++)
            evaluation.Add(random.NextDouble(), random.Next(2));
        var restored = PrequentialEvaluation.Restore(evaluation.Save());
        for (var i = 0; i < 150; i++)
        {
            var (prediction, label) = (random.NextDouble(), random.Next(2));
            evaluation.Add(prediction, label);
            restored.Add(prediction, label);
        }

        Assert.Equal(evaluation.Save(), restored.Save());
        Assert.Equal(evaluation.SquaredError.Windowed, restored.SquaredError.Windowed);
        Assert.Equal(evaluation.Metric("log_loss")?.Faded, restored.Metric("log_loss")?.Faded);
        Assert.Equal(binary, restored.Metric("accuracy") is not null);
    }

    [Fact]
    public void Log_loss_of_a_certain_error_is_finite()
    {
        Assert.Equal(36.04, Losses.LogLoss(0, 1), 0.01);
        Assert.Equal(0, Losses.LogLoss(1, 1), 1e-15);
    }

    [Fact]
    public void Baselines_predict_from_labels_alone_and_come_back()
    {
        var noChange = new NoChangeBaseline();
        var prior = new PriorBaseline(binary: true);
        Assert.Equal((0.0, 0.5), (noChange.Predict(), prior.Predict()));
        foreach (var label in new double[] { 1, 0, 0, 1 })
        {
            noChange.Learn(label);
            prior.Learn(label);
        }

        Assert.Equal((1.0, 0.5), (NoChangeBaseline.Restore(noChange.Save()).Predict(), PriorBaseline.Restore(prior.Save()).Predict()));
        Assert.Equal(0, new PriorBaseline(binary: false).Predict());
        Assert.Throws<LearnerException>(() => PriorBaseline.Restore(noChange.Save()));
    }

    [Fact]
    public void The_area_under_the_curve_counts_ties_as_one_half()
    {
        Assert.Equal(0.75, RocAuc.Compute([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]));
        Assert.Equal(0.5, RocAuc.Compute([1, 1, 1], [0, 1, 0]));
        Assert.True(double.IsNaN(RocAuc.Compute([1, 2], [1, 1])));
    }
}
