using OrleansMl.Cli.Charts;
using OrleansMl.Cli.Replay;
using OrleansMl.Cli.Scoring;

namespace OrleansMl.Cli.Tests;

public class ScoringTests
{
    [Fact]
    public void Accuracy_is_the_share_of_right_labels()
    {
        // right, wrong, right, right
        var score = Score.Of([0, 1, 0, 0], regression: false);
        Assert.Equal(0.75, score.Accuracy);
        Assert.Equal(0.75, score.AccuracyLast5000);
        Assert.Null(score.Mae);
    }

    [Fact]
    public void The_last_5000_rows_have_a_figure_of_their_own()
    {
        // 1,000 wrong rows, then 5,000 of which every fifth is wrong.
        var errors = Enumerable.Repeat(1.0, 1000).Concat(Enumerable.Range(0, 5000).Select(row => row % 5 == 0 ? 1.0 : 0)).ToList();
        var score = Score.Of(errors, regression: false);
        Assert.Equal(4000 / 6000.0, score.Accuracy!.Value, 12);
        Assert.Equal(0.8, score.AccuracyLast5000!.Value, 12);
    }

    [Fact]
    public void Regression_has_mean_absolute_and_root_mean_squared_error_and_no_accuracy()
    {
        // errors 3 and 4: mean 3.5, root of (9 + 16) / 2
        var score = Score.Of([Score.ErrorOf(7, 10, true), Score.ErrorOf(14, 10, true)], regression: true);
        Assert.Equal(3.5, score.Mae);
        Assert.Equal(Math.Sqrt(12.5), score.Rmse!.Value, 12);
        Assert.Null(score.Accuracy);
    }

    [Fact]
    public void No_rows_have_no_figures()
    {
        Assert.Equal(new Score(), Score.Of([], regression: false));
    }

    [Fact]
    public void An_answer_that_names_no_class_is_wrong()
    {
        Assert.Equal(1, Score.ErrorOf(double.NaN, 0, regression: false));
    }

    [Fact]
    public void No_change_is_the_last_truth_of_the_same_entity_and_prior_the_majority_so_far()
    {
        var known = new KnownTruths(regression: false);
        Assert.Equal(0, known.Prior);
        Assert.Equal(0, known.NoChange("a"));
        known.Add("a", 1);
        Assert.Equal(1, known.Prior);
        Assert.Equal(1, known.NoChange("a"));
        known.Add("b", 0);
        Assert.Equal(0, known.Prior); // a tie
        Assert.Equal(1, known.NoChange("a"));
        Assert.Equal(0, known.NoChange("b"));
    }

    [Fact]
    public void The_prior_of_a_number_is_the_running_mean()
    {
        var known = new KnownTruths(regression: true);
        known.Add("a", 10);
        known.Add("a", 1);
        known.Add("a", 4);
        Assert.Equal(5, known.Prior, 12);
        Assert.Equal(4, known.NoChange("a"));
    }

    [Fact]
    public void Percentiles_are_nearest_ranks()
    {
        var values = Enumerable.Range(1, 200).Select(value => (double)value).Reverse().ToList();
        Assert.Equal(100, Latency.Percentile(values, 0.5));
        Assert.Equal(198, Latency.Percentile(values, 0.99));
        Assert.Equal(5, Latency.Percentile([5], 0.99));
        Assert.Null(Latency.Percentile([], 0.5));
    }

    [Fact]
    public void A_hot_swap_is_a_change_of_version_between_served_rows()
    {
        int?[] versions = [null, 1, 1, null, 1, 2, 2, 3, 2];
        var swaps = ReplaySummary.Swaps(versions.Select((version, index) => Row(index, version)));
        Assert.Equal([5, 7, 8], swaps.Select(row => row.Index));
    }

    [Fact]
    public void Windowed_means_cover_full_windows_and_end_at_the_last_value()
    {
        var points = WindowedMean.Of([1, 3, 5, 7], window: 2, most: 10);
        Assert.Equal([(1, 2.0), (2, 4.0), (3, 6.0)], points);
        var thin = WindowedMean.Of([.. Enumerable.Range(0, 10_000).Select(value => (double)value)], window: 1000, most: 100);
        Assert.InRange(thin.Count, 90, 100);
        Assert.Equal((9999, 9499.5), thin[^1]);
    }

    private static ReplayRow Row(long index, int? version) =>
        new() { Index = index, Time = DateTime.UnixEpoch, Entity = "a", Truth = 0, PredictionId = "p", ModelVersion = version };
}
