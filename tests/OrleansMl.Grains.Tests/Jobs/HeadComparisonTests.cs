using System.Text;
using OrleansMl.Jobs.FineTune;
using OrleansMl.Learning;
using OrleansMl.Training;

namespace OrleansMl.Grains.Tests.Jobs;

/// <summary>Whether a network with a new head is good enough, by what both have answered for the same rows.</summary>
public sealed class HeadComparisonTests
{
    private const int Rows = 200;

    [Fact]
    public void The_evidence_is_the_paired_difference_of_what_both_files_answered()
    {
        var compared = HeadComparison.Of(Classes(row => 1.0 - (row % 5 * 0.01), row => 0.5, _ => true, _ => true), null, 0.05);
        double[] differences = [.. Enumerable.Range(0, Rows).Select(row => 0.5 - (row % 5 * 0.01))];
        var interval = PairedDifference.Interval(differences, 0.95);
        Assert.Equal(("paired_t", "log_loss", Rows, 0.05), (compared.Evidence!.Test, compared.Evidence.Metric, compared.Evidence.N, compared.Evidence.Alpha));
        Assert.Equal((interval.Estimate, interval.Lower, interval.Upper), (compared.Evidence.Estimate, compared.Evidence.Lower, compared.Evidence.Upper));
        Assert.Null(compared.WhyNot(1, 30, 0));
        Assert.Equal(0.98, compared.Parent.Loss, 1e-12);
        Assert.Equal([("base.logLoss", 0.98), ("base.accuracy", 1), ("new.logLoss", 0.5), ("new.accuracy", 1)], compared.Metrics().Select(metric => (metric.Name, Math.Round(metric.Value, 9))));
    }

    [Fact]
    public void A_mean_that_is_better_by_chance_is_not_enough()
    {
        // Better by 0.02 on the mean, and by ±1 from row to row.
        var compared = HeadComparison.Of(Classes(row => row % 2 + 0.02, row => (row + 1) % 2, _ => true, _ => true), null, 0.05);
        Assert.StartsWith("it is not better than version 4: the mean difference of log_loss is 0.02, at the level 0.05 in [-0.1", compared.WhyNot(4, 30, 0.01), StringComparison.Ordinal);
        Assert.StartsWith("200 rows were held out, and 500 are needed", compared.WhyNot(4, 500, 0.01), StringComparison.Ordinal);
    }

    /// <summary>Two rows of a hundred were right before and are wrong now: the interval tells what that may be in truth.</summary>
    [Theory]
    [InlineData(0.1, true)]
    [InlineData(0.04, true)]
    [InlineData(0.03, false)]
    [InlineData(0, false)]
    public void What_was_known_is_kept_where_the_interval_of_the_loss_is_within_delta(double delta, bool isKept)
    {
        var fresh = Classes(_ => 1, row => row % 2 * 0.1, _ => false, _ => true);
        var compared = HeadComparison.Of(fresh, Classes(_ => 0, _ => 0, _ => true, row => row % 50 != 0), 0.05);
        Assert.Equal(("accuracy", -0.02), (compared.Kept!.Metric, Math.Round(compared.Kept.Estimate, 12)));
        Assert.InRange(compared.Kept.Lower, -0.04, -0.03);
        Assert.Equal(isKept, compared.WhyNot(1, 30, delta) is null);
        if (!isKept)
            Assert.StartsWith("it may have lost what version 1 knew: the mean difference of accuracy on 200 held-out rows of before is -0.02,", compared.WhyNot(1, 30, delta), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_value_the_squared_error_may_grow_by_a_share_of_what_it_was()
    {
        NumberTable Values(double parent, double child) => new NumberTable().With(HeldOutAnswers.Label, new double[Rows]).With(HeldOutAnswers.ParentLoss, [.. Enumerable.Repeat(parent, Rows)]).With(HeldOutAnswers.ChildLoss, [.. Enumerable.Repeat(child, Rows)]);
        var compared = HeadComparison.Of(Values(4, 1), Values(2, 2.1), 0.05);
        Assert.Equal(("squared_error", 3.0), (compared.Evidence!.Metric, compared.Evidence.Estimate));
        Assert.Equal(("relative_squared_error", -0.05), (compared.Kept!.Metric, Math.Round(compared.Kept.Estimate, 12)));
        Assert.Null(compared.WhyNot(1, 30, 0.06));
        Assert.NotNull(compared.WhyNot(1, 30, 0.04));
    }

    [Fact]
    public void One_row_is_no_test()
    {
        var one = new NumberTable().With(HeldOutAnswers.Label, [0]).With(HeldOutAnswers.ParentLoss, [1]).With(HeldOutAnswers.ChildLoss, [0.5]);
        var compared = HeadComparison.Of(one, null, 0.05);
        Assert.Null(compared.Evidence);
        Assert.StartsWith("1 rows were held out, and 30 are needed", compared.WhyNot(1, 30, 0), StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_comes_back_as_it_was_and_one_of_an_earlier_software_begins_anew()
    {
        var compared = HeadComparison.Of(Classes(_ => 1, _ => 0.5, _ => true, _ => true), Classes(_ => 1, _ => 0.5, _ => true, _ => true), 0.05);
        var saved = new FineTuneCheckpoint { Rows = new ExtractedRows("a", "b", 3), Skipped = 2, Folder = "f", Version = 4, Compared = compared };
        var read = FineTuneCheckpoint.Read(saved.ToBytes());
        Assert.Equal(saved.ToBytes(), read.ToBytes());
        Assert.Equal((saved.Rows, saved.Compared.Parent, saved.Compared.Kept!.Lower), (read.Rows, read.Compared!.Parent, read.Compared.Kept!.Lower));

        var old = FineTuneCheckpoint.Read(Encoding.UTF8.GetBytes("""{"Fresh":"j.1.rows","Old":null,"Skipped":7,"Epochs":2,"Learner":"j.1.epoch-2"}"""));
        Assert.Equal((null, null, null, null), (old.Rows, old.RowsBefore, old.Folder, old.Version));
    }

    private static NumberTable Classes(Func<int, double> parent, Func<int, double> child, Func<int, bool> parentRight, Func<int, bool> childRight)
    {
        double[] Column(Func<int, double> of) => [.. Enumerable.Range(0, Rows).Select(of)];
        return new NumberTable()
            .With(HeldOutAnswers.Label, new double[Rows])
            .With(HeldOutAnswers.ParentLoss, Column(parent))
            .With(HeldOutAnswers.ChildLoss, Column(child))
            .With(HeldOutAnswers.ParentRight, Column(row => parentRight(row) ? 1 : 0))
            .With(HeldOutAnswers.ChildRight, Column(row => childRight(row) ? 1 : 0));
    }
}
