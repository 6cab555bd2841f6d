namespace OrleansMl.Features.Tests;

public sealed class FoldPropertyTests
{
    [Fact]
    public void A_read_is_what_its_definition_says_whatever_the_order_of_records()
    {
        var (live, refolded) = (0, 0);
        Scenario.Check(60, scenario =>
        {
            var fold = new EntityFold(Scenario.Plan, "42");
            for (var count = 0; count <= scenario.Records.Count; count++)
            {
                if (count > 0)
                {
                    fold.Apply(scenario.Records[count - 1]);
                }

                if (!scenario.CheckPoints.Contains(count))
                {
                    continue;
                }

                var log = scenario.Records[..count];
                foreach (var offset in scenario.ReadOffsets)
                {
                    var at = (count == 0 ? Log.Origin : log[^1].Created).AddMinutes(offset);
                    if (fold.CanRead(Scenario.Plan.All, at))
                    {
                        live++;
                        Scenario.AssertIsDefinition(log, at, fold.Read(Scenario.Plan.All, at));
                    }
                    else
                    {
                        refolded++;
                        var fresh = Log.Fold(Scenario.Plan, log.Where(r => r.EventTime <= at), FoldRetention.Everything);
                        Assert.True(fresh.CanRead(Scenario.Plan.All, at));
                        Scenario.AssertIsDefinition(log, at, fresh.Read(Scenario.Plan.All, at));
                    }
                }
            }
        });
        Assert.True(live > 500, $"{live} reads of live folds");
        Assert.True(refolded > 100, $"{refolded} reads too far back");
    }

    [Fact]
    public void Without_corrections_a_live_fold_reads_as_far_back_as_promised() => Scenario.Check(
        30,
        scenario =>
        {
            var fold = new EntityFold(Scenario.Plan, "42");
            foreach (var record in scenario.Records)
            {
                fold.Apply(record);
                Assert.True(fold.CanRead(Scenario.Plan.All, fold.Watermark!.Value));
                Assert.True(fold.CanRead(Scenario.Plan.All, fold.Watermark!.Value - Scenario.Plan.ReadBack));
            }
        },
        corrections: false);

    [Fact]
    public void A_snapshot_and_the_tail_are_the_whole_log() => Scenario.Check(40, scenario =>
    {
        var whole = Log.Fold(Scenario.Plan, scenario.Records);
        foreach (var cut in scenario.CheckPoints)
        {
            var saved = Log.Fold(Scenario.Plan, scenario.Records[..cut]).Save();
            var restored = EntityFold.Restore(Scenario.Plan, "42", saved);
            foreach (var record in scenario.Records)
            {
                Assert.Equal(record.Sequence > cut, restored.Apply(record)); // what the snapshot holds is passed over
            }

            Assert.Equal(whole.LastSequence, restored.LastSequence);
            Assert.Equal(whole.Watermark, restored.Watermark);
            Assert.Equal(whole.Save(), restored.Save());
            foreach (var offset in scenario.ReadOffsets)
            {
                var at = Log.At(scenario.Clock + offset);
                Assert.Equal(whole.CanRead(Scenario.Plan.All, at), restored.CanRead(Scenario.Plan.All, at));
                if (restored.CanRead(Scenario.Plan.All, at))
                {
                    Scenario.AssertIsDefinition(scenario.Records, at, restored.Read(Scenario.Plan.All, at));
                }
            }
        }
    });

    [Fact]
    public void The_online_value_at_a_time_is_the_offline_value_at_that_time() => Scenario.Check(40, scenario =>
    {
        var online = new EntityFold(Scenario.Plan, "42");
        for (var i = 0; i < scenario.Records.Count; i++)
        {
            online.Apply(scenario.Records[i]);
            var at = scenario.Records[i].Created;
            var isLastOfItsTime = i + 1 == scenario.Records.Count || scenario.Records[i + 1].Created > at;
            if (i % 23 != 0 || !isLastOfItsTime || !online.CanRead(Scenario.Plan.All, at))
            {
                continue;
            }

            var cut = scenario.Records.Where(r => r.Created <= at && r.EventTime <= at).ToList();
            var offline = Log.Fold(Scenario.Plan, cut, FoldRetention.Everything);
            var (served, trained) = (online.Read(Scenario.Plan.All, at), offline.Read(Scenario.Plan.All, at));
            for (var f = 0; f < served.Length; f++)
            {
                Scenario.AssertSame(trained[f], served[f], $"{Scenario.Plan.All.Names[f]} at {at:O}");
            }
        }
    });

    [Fact]
    public void Reading_changes_nothing() => Scenario.Check(30, scenario =>
    {
        var (read, unread) = (new EntityFold(Scenario.Plan, "42"), new EntityFold(Scenario.Plan, "42"));
        foreach (var record in scenario.Records)
        {
            read.Apply(record);
            unread.Apply(record);
            var at = record.Created.AddMinutes(-scenario.Records.Count % 5);
            if (read.CanRead(Scenario.Plan.All, at))
            {
                read.Read(Scenario.Plan.All, at);
            }
        }

        Assert.Equal(unread.Save(), read.Save());
        var now = Log.At(scenario.Clock + 1);
        if (read.CanRead(Scenario.Plan.All, now))
        {
            Scenario.AssertIsDefinition(scenario.Records, now, read.Read(Scenario.Plan.All, now));
        }
    });
}
