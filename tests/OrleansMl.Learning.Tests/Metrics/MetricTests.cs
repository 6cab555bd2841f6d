namespace OrleansMl.Learning.Tests.Metrics;

public sealed class MetricTests
{
    [Fact]
    public void Gain_is_discounted_by_the_logarithm_of_the_rank()
    {
        // Relevances 3, 2, 3, 0, 1 in the order served (a usual textbook list).
        double[] scores = [5, 4, 3, 2, 1], relevance = [3, 2, 3, 0, 1];
        var gain = 3 + (2 / Math.Log2(3)) + (3 / 2.0) + (1 / Math.Log2(6));
        var best = 3 + (3 / Math.Log2(3)) + (2 / 2.0) + (1 / Math.Log2(5));
        Assert.Equal(gain / best, Ranking.Ndcg(scores, relevance, 5), 1e-12);
        Assert.Equal((3 + (2 / Math.Log2(3))) / (3 + (3 / Math.Log2(3))), Ranking.Ndcg(scores, relevance, 2), 1e-12);
    }

    [Fact]
    public void Items_of_equal_score_share_their_gain()
        => Assert.Equal((0.5 + (0.5 / Math.Log2(3))) / 1, Ranking.Ndcg([1, 1], [1, 0], 2), 1e-12);

    [Fact]
    public void Average_precision_at_k_is_by_the_most_that_could_be_found()
    {
        double[] scores = [4, 3, 2, 1], relevance = [0, 1, 0, 1];
        Assert.Equal(((1 / 2.0) + (2 / 4.0)) / 2, Ranking.AveragePrecision(scores, relevance, 4), 1e-12);
        Assert.Equal(1 / 2.0 / 2, Ranking.AveragePrecision(scores, relevance, 3), 1e-12);
        Assert.Equal((0.0, 1.0, 0.5), (Ranking.Hit(scores, relevance, 1), Ranking.Hit(scores, relevance, 2), Ranking.ReciprocalRank(scores, relevance, 2)));
    }

    [Fact]
    public void Classes_that_never_occur_count_in_no_average()
    {
        var matrix = new ConfusionMatrix(4);
        foreach (var (actual, predicted) in new[] { (0, 0), (0, 1), (1, 1) })
            matrix.Add(actual, predicted);
        Assert.Equal((1 + 0.5) / 2, matrix.Precision(ClassAverage.Macro), 1e-12);
        Assert.Equal((0.5 + 1) / 2, matrix.BalancedAccuracy, 1e-12);
        Assert.Equal(0, matrix.Precision(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Add(4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Add(0, -1));
    }

    [Fact]
    public void R_squared_of_the_mean_is_0_and_constant_labels_divide_by_nothing()
    {
        Assert.Equal(0, RegressionScores.Of([2, 2, 2], [1, 2, 3]).RSquared, 1e-12);
        Assert.Equal(1, RegressionScores.Of([5, 5], [5, 5]).RSquared);
        Assert.Equal(0, RegressionScores.Of([5, 6], [5, 5]).RSquared);
        Assert.Equal((1.5, 2.0), (RegressionScores.Of([1, 2], [0, 0]).MedianAbsoluteError, RegressionScores.Of([1, 2], [0, 0]).MaxError));
    }

    [Fact]
    public void Bad_rows_are_named()
    {
        Assert.Contains("2 predictions and 1 labels", Assert.Throws<ArgumentException>(() => AveragePrecision.Compute([1, 2], [1])).Message, StringComparison.Ordinal);
        Assert.Contains("row 1 is 0.5", Assert.Throws<ArgumentException>(() => AveragePrecision.Compute([1, 2], [1, 0.5])).Message, StringComparison.Ordinal);
        Assert.Contains("row 0 is 1.5", Assert.Throws<ArgumentException>(() => ExpectedCalibrationError.EqualWidth([1.5], [1])).Message, StringComparison.Ordinal);
        Assert.Contains("Value 1 is NaN", Assert.Throws<ArgumentException>(() => RegressionScores.Of([1, double.NaN], [1, 1])).Message, StringComparison.Ordinal);
        Assert.Contains("no row", Assert.Throws<ArgumentException>(() => RegressionScores.Of([], [])).Message, StringComparison.Ordinal);
        Assert.Contains("relevance of item 0 is -1", Assert.Throws<ArgumentException>(() => Ranking.Ndcg([1], [-1], 1)).Message, StringComparison.Ordinal);
        Assert.Contains("6 probabilities", Assert.Throws<ArgumentException>(() => MulticlassScores.LogLoss([1, 0], [0, 1, 1], 2)).Message, StringComparison.Ordinal);
        Assert.Contains("row 0 is 2", Assert.Throws<ArgumentException>(() => MulticlassScores.LogLoss([1, 0], [2], 2)).Message, StringComparison.Ordinal);
    }
}
