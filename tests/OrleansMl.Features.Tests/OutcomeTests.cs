using static OrleansMl.Features.Tests.Declare;

namespace OrleansMl.Features.Tests;

public sealed class OutcomeTests
{
    private static readonly FoldPlan Truth = Plan(OutcomeView("truth", "up",
        Feature("n", Aggregation.Count), Feature("sum", Aggregation.Sum, "value"), Feature("last", Aggregation.Last, "value") with { Default = 0.0 }));

    [Fact]
    public void A_correction_replaces_the_value_and_is_not_counted_twice()
    {
        var log = new Log();
        log.Outcome("up", 0, "a", 0, FieldValue.Of(1));
        log.Outcome("up", 1, "b", 0, FieldValue.Of(1));
        log.Outcome("up", 1, "b", 1, FieldValue.Of(0));
        var fold = log.Fold(Truth);
        Assert.Equal(FieldValue.Of(2), fold.ReadOne("truth:n", 5).Value);
        Assert.Equal(FieldValue.Of(1), fold.ReadOne("truth:sum", 5).Value);
        Assert.Equal(new FeatureRead(FieldValue.Of(0), FeatureReadStatus.Present, Log.At(1), false), fold.ReadOne("truth:last", 5));
    }

    [Fact]
    public void A_correction_of_an_older_outcome_at_its_own_time_does_not_become_the_last()
    {
        var log = new Log();
        log.Outcome("up", 0, "a", 0, FieldValue.Of(1));
        log.Outcome("up", 1, "b", 0, FieldValue.Of(5));
        log.Outcome("up", 0, "a", 2, FieldValue.Of(7));
        var fold = log.Fold(Truth);
        Assert.Equal(FieldValue.Of(5), fold.ReadOne("truth:last", 5).Value);
        Assert.Equal(FieldValue.Of(12), fold.ReadOne("truth:sum", 5).Value);
    }

    [Fact]
    public void A_lower_or_equal_revision_changes_nothing()
    {
        var log = new Log();
        log.Outcome("up", 0, "a", 3, FieldValue.Of(1));
        log.Outcome("up", 0, "a", 3, FieldValue.Of(8));
        log.Outcome("up", 0, "a", 2, FieldValue.Of(9));
        Assert.Equal(FieldValue.Of(1), log.Fold(Truth).ReadOne("truth:sum", 5).Value);
    }

    [Fact]
    public void A_read_before_a_later_correction_asks_the_log_and_finds_the_first_value()
    {
        var log = new Log();
        log.Outcome("up", 0, "a", 0, FieldValue.Of(1));
        log.Outcome("up", 4, "a", 1, FieldValue.Of(2));
        var fold = log.Fold(Truth);
        Assert.False(fold.CanRead(Truth.All, Log.At(3)));
        Assert.Equal(FieldValue.Of(2), fold.ReadOne("truth:last", 4).Value);
        var then = Log.Fold(Truth, log.Records.Where(r => r.EventTime <= Log.At(3)), FoldRetention.Everything);
        Assert.Equal(FieldValue.Of(1), then.ReadOne("truth:last", 3).Value);
    }

    [Fact]
    public void The_last_outcome_needs_few_rows_and_survives_corrections_of_rows_long_gone()
    {
        var plan = Plan(OutcomeView("truth", "up", Feature("last", Aggregation.Last, "value") with { Default = 0.0 }));
        var log = new Log();
        for (var i = 0; i < 5_000; i++)
        {
            log.Outcome("up", i * 30, $"o{i}", 0, FieldValue.Of(i));
        }

        log.Outcome("up", 30, "o1", 1, FieldValue.Of(-1));
        var fold = log.Fold(plan);
        Assert.InRange(fold.Save().Length, 100, 1_500);
        Assert.Equal(FieldValue.Of(4_999), fold.ReadOne("truth:last", 200_000).Value);
        log.Outcome("up", 4_999 * 30, "o4999", 1, FieldValue.Of(-2));
        fold.Apply(log.Records[^1]);
        Assert.Equal(FieldValue.Of(-2), fold.ReadOne("truth:last", 200_000).Value);
    }

    [Fact]
    public void When_corrections_move_all_kept_rows_away_the_fold_asks_the_log()
    {
        var plan = Plan(OutcomeView("truth", "up", Feature("last", Aggregation.Last, "value")));
        var log = new Log();
        for (var i = 0; i < 100; i++)
        {
            log.Outcome("up", i * 30, $"o{i}", 0, FieldValue.Of(i));
        }

        for (var i = 60; i < 100; i++)
        {
            log.Outcome("up", -1_000, $"o{i}", 1, FieldValue.Of(i));
        }

        Assert.False(log.Fold(plan).CanRead(plan.All, Log.At(5_000)));
        Assert.Equal(FieldValue.Of(59), log.Fold(plan, FoldRetention.Everything).ReadOne("truth:last", 5_000).Value);
    }

    [Fact]
    public void Outcomes_and_events_of_one_name_are_apart()
    {
        var log = new Log();
        log.Event("up", 0, ("value", FieldValue.Of(1)));
        var fold = log.Fold(Truth);
        Assert.Equal(new FeatureRead(FieldValue.Of(0), FeatureReadStatus.Missing, null, true), fold.ReadOne("truth:last", 5));
    }
}
