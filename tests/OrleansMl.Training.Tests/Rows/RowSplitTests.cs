using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Training.Tests;

/// <summary>Which rows are learned from, chosen by and judged on.</summary>
public sealed class RowSplitTests
{
    [Fact]
    public void Parts_of_a_split_by_time_follow_each_other_and_share_no_row()
    {
        var cases =
            from times in Gen.ArrayOf(Gen.Choose(0, 50)).Where(times => times.Length >= RowSplit.Fewest)
            from test in Gen.Choose(1, 60)
            from validation in Gen.Choose(0, 30)
            from gap in Gen.Choose(0, 3)
            select (times, plan: new SplitPlan(SplitPlan.Time, test / 100.0, validation / 100.0, gap));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            DateTime[] times = [.. c.times.Select(tick => new DateTime(tick, DateTimeKind.Utc))];
            var split = RowSplit.Of(c.plan, times, seed: 1);
            int[] all = [.. split.Train, .. split.Validation, .. split.Test];
            Assert.Equal(all.Length, all.Distinct().Count());
            Assert.True(all.Length >= times.Length - (2 * c.plan.Gap));
            Assert.NotEmpty(split.Train);
            Assert.NotEmpty(split.Test);

            // In the order of time, equal times in that of the file.
            Assert.Equal(all.OrderBy(row => times[row]).ThenBy(row => row), all);
        }));
    }

    [Fact]
    public void A_random_split_is_that_of_its_seed_and_uses_every_row()
    {
        var times = Enumerable.Range(0, 100).Select(i => new DateTime(i, DateTimeKind.Utc)).ToArray();
        var plan = new SplitPlan(SplitPlan.Random, 0.2, 0.2);
        var (first, again, other) = (RowSplit.Of(plan, times, 1), RowSplit.Of(plan, times, 1), RowSplit.Of(plan, times, 2));
        Assert.Equal(first.Test.AsEnumerable(), again.Test);
        Assert.NotEqual(first.Test.AsEnumerable(), other.Test);
        Assert.Equal((60, 20, 20), (first.Train.Length, first.Validation.Length, first.Test.Length));
        Assert.Equal(Enumerable.Range(0, 100), first.Train.Concat(first.Validation).Concat(first.Test).Order());
    }
}
