using static OrleansMl.Features.Tests.Declare;

namespace OrleansMl.Features.Tests;

public sealed class SnapshotTests
{
    private static readonly FoldPlan Buys = Plan(View("v", "buy", Feature("mean", Aggregation.Mean, "x", 60), Feature("last", Aggregation.Last, "city")));

    [Fact]
    public void Any_damaged_byte_is_noticed()
    {
        var saved = Sample().Save();
        for (var i = 0; i < saved.Length; i++)
        {
            var damaged = saved.ToArray();
            damaged[i] ^= 0x10;
            Assert.Throws<FormatException>(() => EntityFold.Restore(Buys, "42", damaged));
            Assert.Throws<FormatException>(() => EntityFold.Restore(Buys, "42", saved.AsSpan(0, i)));
        }

        Assert.Equal(saved, EntityFold.Restore(Buys, "42", saved).Save());
    }

    [Fact]
    public void A_snapshot_of_another_declaration_or_entity_is_refused()
    {
        var saved = Sample().Save();
        var other = Plan(View("v", "buy", Feature("mean", Aggregation.Mean, "x", 61), Feature("last", Aggregation.Last, "city")));
        Assert.Contains(other.FoldVersion, Assert.Throws<FormatException>(() => EntityFold.Restore(other, "42", saved)).Message, StringComparison.Ordinal);
        Assert.Contains("'43'", Assert.Throws<FormatException>(() => EntityFold.Restore(Buys, "43", saved)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_fold_is_restored_empty()
    {
        var restored = EntityFold.Restore(Buys, "42", new EntityFold(Buys, "42").Save());
        Assert.Null(restored.Watermark);
        Assert.Equal(0, restored.LastSequence);
        Assert.All(restored.Read(Buys.All, Log.Origin), read => Assert.Equal(FeatureReadStatus.Missing, read.Status));
    }

    [Fact]
    public void A_record_folded_before_is_passed_over()
    {
        var log = new Log();
        var record = log.Event("buy", 0, ("x", FieldValue.Of(1)));
        var fold = log.Fold(Buys);
        Assert.False(fold.Apply(record));
        Assert.False(EntityFold.Restore(Buys, "42", fold.Save()).Apply(record));
    }

    [Fact]
    public void The_watermark_is_the_highest_event_time_also_of_records_no_feature_needs()
    {
        var log = new Log();
        log.Event("buy", 10);
        log.Event("unknown", 20, ("x", FieldValue.Of(1)));
        log.Event("buy", 5);
        var fold = log.Fold(Buys);
        Assert.Equal(Log.At(20), fold.Watermark);
        Assert.Equal(3, fold.LastSequence);
    }

    [Fact]
    public void A_fold_reads_only_what_its_own_plan_resolved_into_enough_room()
    {
        var fold = Sample();
        Assert.Throws<ArgumentException>(() => fold.Read(Plan().All, Log.Origin));
        Assert.Throws<ArgumentException>(() => fold.Read(Buys.All, Log.Origin, new FeatureRead[1]));
        Assert.Throws<InvalidOperationException>(() => new EntityFold(Buys, "42", FoldRetention.Everything).Save());
    }

    private static EntityFold Sample()
    {
        var log = new Log();
        log.Event("buy", 0, ("x", FieldValue.Of(0.5)), ("city", FieldValue.Of("Bern")));
        log.Event("buy", 3, ("x", FieldValue.Of(2)));
        log.Attributes(1, ("segment", FieldValue.Of("gold")));
        return log.Fold(Buys);
    }
}
