using static OrleansMl.Features.Tests.Declare;

namespace OrleansMl.Features.Tests;

public sealed class AttributeTests
{
    private static readonly FoldPlan Segments = FoldPlan.Compile(Client("segment", "tier"), [], TimeSpan.FromMinutes(30));

    [Fact]
    public void The_last_writer_by_event_time_wins()
    {
        var log = new Log();
        log.Attributes(5, ("segment", FieldValue.Of("gold")), ("tier", FieldValue.Of("a")));
        log.Attributes(2, ("segment", FieldValue.Of("silver")));
        log.Attributes(5, ("tier", FieldValue.Of("b")));
        var fold = log.Fold(Segments);
        Assert.Equal(new FeatureRead(FieldValue.Of("gold"), FeatureReadStatus.Present, Log.At(5), false), fold.ReadOne("client.segment", 9));
        Assert.Equal(FieldValue.Of("b"), fold.ReadOne("client.tier", 9).Value);
        Assert.Equal(FieldValue.Of("silver"), fold.ReadOne("client.segment", 4).Value);
        Assert.Equal(FeatureReadStatus.Missing, fold.ReadOne("client.segment", 1).Status);
    }

    [Fact]
    public void A_missing_value_removes()
    {
        var log = new Log();
        log.Attributes(1, ("segment", FieldValue.Of("gold")));
        log.Attributes(2, ("segment", FieldValue.Missing));
        log.Attributes(0, ("segment", FieldValue.Of("late")));
        Assert.Equal(new FeatureRead(FieldValue.Missing, FeatureReadStatus.Missing, null, false), log.Fold(Segments).ReadOne("client.segment", 9));
    }

    [Fact]
    public void Old_values_go_and_reads_before_them_are_refused()
    {
        var log = new Log();
        for (var i = 0; i < 1_000; i++)
        {
            log.Attributes(i, ("segment", FieldValue.Of($"s{i}")));
        }

        var fold = log.Fold(Segments);
        Assert.InRange(fold.Save().Length, 100, 1_000);
        Assert.Equal(FieldValue.Of("s969"), fold.ReadOne("client.segment", 969).Value);
        Assert.False(fold.CanRead(Segments.All, Log.At(960)));
    }

    [Fact]
    public void The_id_is_a_feature_only_when_asked_for()
    {
        var fold = new Log().Fold(Segments);
        Assert.Equal(new FeatureRead(FieldValue.Of("42"), FeatureReadStatus.Present, null, false), fold.ReadOne("client.id", 0));
        Assert.Equal(["client.segment", "client.tier"], Segments.All.Names.ToArray());
    }
}
