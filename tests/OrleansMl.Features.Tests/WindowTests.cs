using static OrleansMl.Features.Tests.Declare;

namespace OrleansMl.Features.Tests;

public sealed class WindowTests
{
    [Fact]
    public void A_sliding_window_leaves_out_its_beginning_and_has_its_end()
    {
        var log = new Log();
        log.Event("buy", 0, ("x", FieldValue.Of(1)));
        log.Event("buy", 10, ("x", FieldValue.Of(2)));
        var fold = log.Fold(Plan(View("v", "buy", Feature("sum", Aggregation.Sum, "x", 10))));
        Assert.Equal(FieldValue.Of(2), fold.ReadOne("v:sum", 10).Value);
        Assert.Equal(FieldValue.Of(1), fold.ReadOne("v:sum", 9.999).Value);
        Assert.Equal(FieldValue.Of(2), fold.ReadOne("v:sum", 19.999).Value);
        Assert.Equal(FeatureReadStatus.Missing, fold.ReadOne("v:sum", 20).Status);
    }

    [Fact]
    public void A_tumbling_window_begins_with_its_first_tick_and_is_aligned_to_the_epoch()
    {
        var log = new Log();
        log.Event("buy", -0.001, ("x", FieldValue.Of(1))); // the origin is a full hour
        log.Event("buy", 0, ("x", FieldValue.Of(2)));
        log.Event("buy", 14.999, ("x", FieldValue.Of(4)));
        log.Event("buy", 15, ("x", FieldValue.Of(8)));
        var fold = log.Fold(Plan(View("v", "buy", Feature("sum", Aggregation.Sum, "x", 15, tumbling: true))));
        Assert.Equal(FieldValue.Of(1), fold.ReadOne("v:sum", -0.001).Value);
        Assert.Equal(FieldValue.Of(2), fold.ReadOne("v:sum", 0).Value);
        Assert.Equal(FieldValue.Of(6), fold.ReadOne("v:sum", 14.9999).Value);
        Assert.Equal(FieldValue.Of(8), fold.ReadOne("v:sum", 15).Value);
        Assert.Equal(FeatureReadStatus.Missing, fold.ReadOne("v:sum", 30).Status);
    }

    [Fact]
    public void Tumbling_windows_before_the_epoch_are_aligned_downwards()
    {
        var plan = Plan(View("v", "buy", Feature("n", Aggregation.Count, null, 60, tumbling: true)));
        var fold = new EntityFold(plan, "42");
        var start = new DateTime(1969, 12, 31, 22, 0, 0, DateTimeKind.Utc);
        fold.Apply(new FoldRecord(1, FoldRecordKind.Event, "buy", start, start, "a", default));
        Assert.Equal(FieldValue.Of(1), fold.Read(plan.All, start.AddMinutes(59))[0].Value);
        Assert.Equal(FeatureReadStatus.Missing, fold.Read(plan.All, start.AddMinutes(60))[0].Status);
    }

    [Fact]
    public void A_record_of_the_future_is_not_seen_before_its_time()
    {
        var log = new Log();
        log.Event("buy", 0, ("x", FieldValue.Of(1)));
        log.Event("buy", 4, ("x", FieldValue.Of(2)));
        var fold = log.Fold(Plan(View("v", "buy", Feature("last", Aggregation.Last, "x"), Feature("n", Aggregation.Count))));
        Assert.Equal(new FeatureRead(FieldValue.Of(1), FeatureReadStatus.Present, Log.At(0), false), fold.ReadOne("v:last", 3));
        Assert.Equal(FieldValue.Of(1), fold.ReadOne("v:n", 3).Value);
        Assert.Equal(FieldValue.Of(2), fold.ReadOne("v:last", 4).Value);
    }

    [Fact]
    public void A_view_expires_after_its_time_to_live_and_not_at_it()
    {
        var log = new Log();
        log.Event("buy", 0, ("x", FieldValue.Of(1)));
        var fold = log.Fold(Plan(View("v", "buy",
            Feature("last", Aggregation.Last, "x") with { Default = 9.0 },
            Feature("n", Aggregation.Count, null, 60)) with
        { Ttl = TimeSpan.FromMinutes(30) }));
        Assert.Equal(FeatureReadStatus.Present, fold.ReadOne("v:last", 30).Status);
        Assert.Equal(new FeatureRead(FieldValue.Of(9), FeatureReadStatus.Expired, Log.At(0), true), fold.ReadOne("v:last", 30.001));
        Assert.Equal(new FeatureRead(FieldValue.Missing, FeatureReadStatus.Expired, Log.At(0), false), fold.ReadOne("v:n", 30.001));
        Assert.Equal(new FeatureRead(FieldValue.Of(9), FeatureReadStatus.Missing, null, true), fold.ReadOne("v:last", -1));
    }

    [Fact]
    public void A_lag_is_fresh_as_long_as_its_field_is()
    {
        var log = new Log();
        log.Event("tick", 0, ("x", FieldValue.Of(1)));
        log.Event("tick", 90, ("x", FieldValue.Of(2)));
        log.Event("tick", 140, ("y", FieldValue.Of(7)));
        var fold = log.Fold(Plan(View("v", "tick",
            Feature("lag1", Aggregation.Last, "x") with { Offset = 1 },
            Feature("y", Aggregation.Last, "y")) with
        { Ttl = TimeSpan.FromMinutes(60) }));
        Assert.Equal(new FeatureRead(FieldValue.Of(1), FeatureReadStatus.Present, Log.At(0), false), fold.ReadOne("v:lag1", 150));
        Assert.Equal(FeatureReadStatus.Expired, fold.ReadOne("v:lag1", 151).Status); // y came, x did not
        Assert.Equal(FeatureReadStatus.Present, fold.ReadOne("v:y", 151).Status);
    }

    [Fact]
    public void A_record_without_the_field_counts_and_does_nothing_else()
    {
        var log = new Log();
        log.Event("buy", 0, ("x", FieldValue.Of(3)));
        log.Event("buy", 1);
        log.Event("buy", 2, ("x", FieldValue.Missing));
        var fold = log.Fold(Plan(View("v", "buy", Feature("n", Aggregation.Count), Feature("mean", Aggregation.Mean, "x"), Feature("last", Aggregation.Last, "x"), Feature("d", Aggregation.Distinct, "x"))));
        Assert.Equal(FieldValue.Of(3), fold.ReadOne("v:n", 5).Value);
        Assert.Equal(Log.At(2), fold.ReadOne("v:n", 5).EventTime);
        Assert.Equal(new FeatureRead(FieldValue.Of(3), FeatureReadStatus.Present, Log.At(0), false), fold.ReadOne("v:mean", 5));
        Assert.Equal(FieldValue.Of(3), fold.ReadOne("v:last", 5).Value);
        Assert.Equal(FieldValue.Of(1), fold.ReadOne("v:d", 5).Value);
    }

    [Fact]
    public void Events_at_one_time_are_ordered_by_sequence_also_when_their_rows_are_long_gone()
    {
        var plan = Plan(View("v", "buy", Feature("lag99", Aggregation.Last, "x") with { Offset = 99 }, Feature("lag100", Aggregation.Last, "x") with { Offset = 100 }));
        var log = new Log();
        for (var i = 0; i < 60; i++)
        {
            log.Event("buy", 0, ("x", FieldValue.Of(i)));
        }

        for (var i = 0; i < 98; i++)
        {
            log.Event("buy", 100 + i, ("x", FieldValue.Of(1000 + i)));
        }

        for (var i = 0; i < 2; i++)
        {
            log.Event("buy", 0, ("x", FieldValue.Of(500 + i))); // two late ones, after all others of their time
        }

        var fold = log.Fold(plan);
        Assert.Equal(FieldValue.Of(500), fold.ReadOne("v:lag99", 300).Value);
        Assert.Equal(FieldValue.Of(59), fold.ReadOne("v:lag100", 300).Value);
    }

    [Fact]
    public void Rows_of_one_time_stay_or_go_together()
    {
        var log = new Log();
        for (var i = 0; i < 60; i++)
        {
            log.Event("buy", 0, ("x", FieldValue.Of(i)));
        }

        log.Event("buy", 100, ("x", FieldValue.Of(1000)));
        log.Event("buy", 0, ("x", FieldValue.Of(500))); // the newest of its time, though all others were there before
        var fold = log.Fold(Plan(View("v", "buy", Feature("lag1", Aggregation.Last, "x") with { Offset = 1 })));
        Assert.Equal(FieldValue.Of(500), fold.ReadOne("v:lag1", 100).Value);
    }

    [Fact]
    public void An_event_later_than_every_window_still_enters_what_has_no_window()
    {
        var plan = Plan(View("v", "buy",
            Feature("n", Aggregation.Count), Feature("min", Aggregation.Min, "x"), Feature("n_10m", Aggregation.Count, null, 10), Feature("d", Aggregation.Distinct, "x")));
        var log = new Log();
        for (var i = 0; i < 1000; i++)
        {
            log.Event("buy", i, ("x", FieldValue.Of(i)));
        }

        log.Event("buy", 5, ("x", FieldValue.Of(-1)));
        var fold = log.Fold(plan);
        Assert.Equal(FieldValue.Of(1001), fold.ReadOne("v:n", 999).Value);
        Assert.Equal(FieldValue.Of(-1), fold.ReadOne("v:min", 999).Value);
        Assert.Equal(FieldValue.Of(1001), fold.ReadOne("v:d", 999).Value);
        Assert.Equal(FieldValue.Of(951), fold.ReadOne("v:n", 949).Value);
        Assert.Equal(FieldValue.Of(951), fold.ReadOne("v:d", 949).Value);
        Assert.Equal(FieldValue.Of(10), fold.ReadOne("v:n_10m", 999).Value);
    }

    [Fact]
    public void Memory_is_that_of_the_windows_and_reads_too_far_back_are_refused()
    {
        var plan = Plan(View("v", "buy", Feature("sum_1h", Aggregation.Sum, "x", 60), Feature("sum", Aggregation.Sum, "x"), Feature("lag3", Aggregation.Last, "x") with { Offset = 3 }));
        var log = new Log();
        for (var i = 0; i < 20_000; i++)
        {
            log.Event("buy", i * 0.5, ("x", FieldValue.Of(i)));
        }

        var fold = log.Fold(plan);
        Assert.InRange(fold.Save().Length, 1_000, 8_000); // two hours of rows, not a week
        Assert.Equal(FieldValue.Of(20_000.0 * 19_999 / 2), fold.ReadOne("v:sum", 9_999.5).Value);
        Assert.True(fold.CanRead(plan.All, Log.At(9_999.5 - 60)));
        Assert.False(fold.CanRead(plan.All, Log.At(9_000)));
        Assert.Contains("CanRead", Assert.Throws<InvalidOperationException>(() => fold.Read(plan.All, Log.At(9_000))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sum_keeps_what_a_plain_one_loses()
    {
        var log = new Log();
        log.Event("buy", 0, ("x", FieldValue.Of(1e16)));
        for (var i = 1; i <= 200; i++)
        {
            log.Event("buy", i, ("x", FieldValue.Of(1)));
        }

        log.Event("buy", 201, ("x", FieldValue.Of(-1e16)));
        var fold = log.Fold(Plan(View("v", "buy", Feature("sum", Aggregation.Sum, "x"), Feature("sum_w", Aggregation.Sum, "x", 1000))));
        Assert.Equal(FieldValue.Of(200), fold.ReadOne("v:sum", 201).Value);
        Assert.Equal(FieldValue.Of(200), fold.ReadOne("v:sum_w", 201).Value);
    }

    [Fact]
    public void A_sum_beyond_the_doubles_is_missing()
    {
        var log = new Log();
        log.Event("buy", 0, ("x", FieldValue.Of(double.MaxValue)));
        log.Event("buy", 1, ("x", FieldValue.Of(double.MaxValue)));
        var fold = log.Fold(Plan(View("v", "buy", Feature("sum", Aggregation.Sum, "x"), Feature("max", Aggregation.Max, "x"))));
        Assert.Equal(FeatureReadStatus.Missing, fold.ReadOne("v:sum", 1).Status);
        Assert.Equal(FieldValue.Of(double.MaxValue), fold.ReadOne("v:max", 1).Value);
    }
}
