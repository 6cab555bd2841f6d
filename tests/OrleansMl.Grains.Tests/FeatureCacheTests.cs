using OrleansMl.Features;
using OrleansMl.Services;

namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class FeatureCacheTests(LoopFixture loop)
{
    [Fact]
    public async Task An_acknowledged_event_is_visible_to_the_next_read_on_any_silo()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        for (var i = 1; i <= 5; i++)
        {
            var appended = await toy.AppendAsync(toy.Tick(i, loop.Clock.Now));
            Assert.Equal((AppendStatus.Accepted, (long)i), (appended.Status, appended.Sequence));
            foreach (var silo in Enumerable.Range(0, loop.Cluster.Silos.Count))
            {
                var read = (await loop.Get<IIngestService>(silo).ReadFeaturesAsync(toy.Entity(), new FeatureQuery([$"{toy.View}:*"], null), default)).Value;
                Assert.Equal(i, read.Features[0].Value.AsNumber());
                Assert.Equal(i * (i + 1) / 2.0, read.Features[1].Value.AsNumber(), 9);
                Assert.Equal(i, read.Features[2].Value.AsNumber());
                Assert.Equal(i, read.Sequence);
            }
        }
    }

    [Fact]
    public async Task A_repeated_event_counts_once_and_other_content_under_its_id_is_a_conflict()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var now = loop.Clock.Now;
        var first = await toy.AppendAsync(toy.Tick(2, now, eventId: "same"));
        var repeat = await toy.AppendAsync(toy.Tick(2, now, eventId: "same"));
        var other = await toy.AppendAsync(toy.Tick(3, now, eventId: "same"));

        Assert.Equal(AppendStatus.Accepted, first.Status);
        Assert.Equal((AppendStatus.Duplicate, first.Sequence), (repeat.Status, repeat.Sequence));
        Assert.Equal((AppendStatus.Rejected, "id_conflict"), (other.Status, other.Fault!.Code));
        Assert.Equal(1, (await toy.ReadAsync("1", null, $"{toy.View}:n_1h"))[0].Value.AsNumber());
    }

    [Fact]
    public async Task Good_items_of_a_batch_are_kept_and_bad_ones_named_by_index()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var now = loop.Clock.Now;
        var result = await loop.Ingest.AppendEventsAsync(
        [
            toy.Tick(1, now),
            toy.Tick(2000, now),
            toy.Tick(1, now) with { Type = "nothing" },
            toy.Tick(1, now + TimeSpan.FromDays(1)),
            toy.Tick(1, now) with { Entity = new EntityId("nobody", "1") },
            toy.Tick(4, now, id: "2"),
            toy.Tick(1, now) with { Fields = [new NamedValue("unheard", Scalar.Of(1))] },
        ], default);

        Assert.Equal(
            ["Accepted", "Rejected invalid_value", "Rejected unknown_event_type", "Rejected too_far_in_future", "Rejected unknown_entity_type", "Accepted", "Rejected unknown_field"],
            result.Items.Select(i => $"{i.Status} {i.Fault?.Code}".Trim()));
        Assert.Equal(1, (await toy.ReadAsync("1", null, $"{toy.View}:x"))[0].Value.AsNumber());
        Assert.Equal(4, (await toy.ReadAsync("2", null, $"{toy.View}:x"))[0].Value.AsNumber());
    }

    [Fact]
    public async Task A_read_as_of_a_time_sees_what_was_known_then()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var start = loop.Clock.Now;
        await toy.AppendAsync(toy.Tick(1, start));
        loop.Clock.Advance(TimeSpan.FromMinutes(10));
        var then = loop.Clock.Now;
        loop.Clock.Advance(TimeSpan.FromMinutes(10));

        // It happened before "then", and was not known then.
        await toy.AppendAsync(toy.Tick(5, start + TimeSpan.FromMinutes(5)));

        var asKnown = await toy.ReadAsync("1", then, $"{toy.View}:x", $"{toy.View}:n_1h");
        Assert.Equal([1.0, 1.0], asKnown.Select(f => f.Value.AsNumber()));
        var now = await toy.ReadAsync("1", null, $"{toy.View}:x", $"{toy.View}:n_1h");
        Assert.Equal([5.0, 2.0], now.Select(f => f.Value.AsNumber()));
    }

    [Fact]
    public async Task Values_expire_after_the_time_to_live_and_defaults_stand_in()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        await toy.AppendAsync(toy.Tick(7, loop.Clock.Now));
        loop.Clock.Advance(TimeSpan.FromHours(3));
        var features = await toy.ReadAsync("1", null, $"{toy.View}:x", $"{toy.View}:n_1h");
        Assert.Equal((FeatureStatus.Expired, true, false), (features[0].Status, features[0].Value.IsMissing, features[0].UsedDefault));
        Assert.Equal((FeatureStatus.Expired, 0.0, true), (features[1].Status, features[1].Value.AsNumber(), features[1].UsedDefault));
    }

    [Fact]
    public async Task A_changed_view_is_folded_anew_from_the_log()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml());
        foreach (var x in new[] { 3.0, 1.0, 2.0 })
            await toy.AppendAsync(toy.Tick(x, loop.Clock.Now));

        // A feature that no model uses may come later: the log has its past.
        await toy.ApplyAsync(toy.Yaml().Replace("views:\n", $"views:\n  - name: {toy.Name}-later\n    entity: {toy.EntityType}\n    source: {{event: {toy.Name}-tick}}\n    features: {{max: {{agg: max, field: x}}, kinds: {{agg: distinct, field: x}}}}\n", StringComparison.Ordinal));
        var features = await toy.ReadAsync("1", null, $"{toy.Name}-later:*");
        Assert.Equal([3.0, 3.0], features.Select(f => f.Value.AsNumber()));
    }

    [Fact]
    public async Task Unknown_features_and_attributes_name_what_there_is()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var read = await loop.Ingest.ReadFeaturesAsync(toy.Entity(), new FeatureQuery([$"{toy.View}:y"], null), default);
        Assert.Equal((400, "unknown_feature"), (read.Error!.Status, read.Error.Code));
        Assert.Contains($"{toy.View}:x", read.Error.Detail, StringComparison.Ordinal);

        var set = await loop.Ingest.SetAttributesAsync(toy.Entity(), [new NamedValue("colour", Scalar.Of("red"))], null, default);
        Assert.Equal((400, "unknown_attribute"), (set.Error!.Status, set.Error.Code));
        var wrong = await loop.Ingest.SetAttributesAsync(toy.Entity(), [new NamedValue("vip", Scalar.Of("red"))], null, default);
        Assert.Equal("invalid_value", wrong.Error!.Code);
    }

    [Fact]
    public async Task Attributes_are_set_read_and_removed()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        Assert.True((await loop.Ingest.SetAttributesAsync(toy.Entity(), [new NamedValue("segment", Scalar.Of("gold")), new NamedValue("vip", Scalar.Of(true))], null, default)).IsSuccess);
        var attributes = (await loop.Ingest.ReadAttributesAsync(toy.Entity(), default)).Value.Features;
        Assert.Equal(["gold", "true"], attributes.Select(a => a.Value.AsText()));
        loop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await loop.Ingest.SetAttributesAsync(toy.Entity(), [new NamedValue("segment", Scalar.Missing)], null, default)).IsSuccess);
        attributes = (await loop.Ingest.ReadAttributesAsync(toy.Entity(), default)).Value.Features;
        Assert.Equal([FeatureStatus.Missing, FeatureStatus.Present], attributes.Select(a => a.Status));
    }

    [Fact]
    public async Task Many_entities_in_one_batch_land_each_in_its_own_log()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var now = loop.Clock.Now;
        var events = Enumerable.Range(0, 500).Select(i => toy.Tick(i, now, id: $"k{i % 50}")).ToArray();
        var result = await loop.Ingest.AppendEventsAsync(events, default);
        Assert.All(result.Items, i => Assert.Equal(AppendStatus.Accepted, i.Status));
        Assert.Null(result.Sequence);
        for (var k = 0; k < 50; k++)
        {
            var features = await toy.ReadAsync($"k{k}", null, $"{toy.View}:sum_1h", $"{toy.View}:n_1h");
            Assert.Equal([Enumerable.Range(0, 10).Sum(j => (50 * j) + k), 10.0], features.Select(f => f.Value.AsNumber()));
        }
    }

    [Fact]
    public async Task A_second_writer_of_the_log_fences_the_first_which_then_reloads()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        await toy.AppendAsync(toy.Tick(1, loop.Clock.Now));

        // What a second activation in a split cluster would do.
        await loop.Store.EntityLog.AppendAsync(toy.Entity().ToGrainKey(), 1,
            [new Storage.LogAppend((byte)EntityRecordKind.Event, "foreign", toy.Name + "-tick", loop.Clock.Now, 0, FieldCodec.Encode([new FoldField("x", FieldValue.Of(10))]))], loop.Clock.Now);

        var fenced = await toy.AppendAsync(toy.Tick(2, loop.Clock.Now, eventId: "again"));
        Assert.Equal("not_ready", fenced.Fault!.Code);
        AppendOutcome retried;
        var attempts = 0;
        do
            retried = await toy.AppendAsync(toy.Tick(2, loop.Clock.Now, eventId: "again"));
        while (retried.Status == AppendStatus.Rejected && ++attempts < 100);
        Assert.Equal((AppendStatus.Accepted, 3L), (retried.Status, retried.Sequence));
        Assert.Equal(13, (await toy.ReadAsync("1", null, $"{toy.View}:sum_1h"))[0].Value.AsNumber());
    }

    [Fact]
    public async Task An_event_of_a_sender_whose_clock_is_a_little_ahead_is_visible_at_once()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync();
        var now = loop.Clock.Now;
        Assert.Equal(AppendStatus.Accepted, (await toy.AppendAsync(toy.Tick(6, now + TimeSpan.FromMinutes(2)))).Status);
        var read = (await loop.Ingest.ReadFeaturesAsync(toy.Entity(), new FeatureQuery([$"{toy.View}:x"], null), default)).Value;
        Assert.Equal((6.0, now), (read.Features[0].Value.AsNumber(), read.AsOf));
    }

    [Fact]
    public async Task On_the_event_clock_a_read_as_of_a_past_time_sees_what_had_happened_by_then()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(clock: "event"));
        var start = new DateTime(1996, 5, 7, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 1; i <= 4; i++)
            await toy.AppendAsync(toy.Tick(i, start + TimeSpan.FromMinutes(10 * i)));
        Assert.Equal([2.0, 3.0, 2.0], (await toy.ReadAsync("1", start + TimeSpan.FromMinutes(25), $"{toy.View}:*")).Select(f => f.Value.AsNumber()));
    }
}
