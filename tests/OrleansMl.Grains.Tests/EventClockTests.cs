namespace OrleansMl.Grains.Tests;

/// <summary>An application on the event clock: its time is that of its events, whatever the wall clock says.</summary>
[Collection(LoopCollection.Name)]
public sealed class EventClockTests(LoopFixture loop)
{
    private static readonly DateTime s_start = new(1996, 5, 7, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Attributes_that_are_set_do_not_move_time(bool beforeTheFirstEvent)
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(clock: "event"));
        if (!beforeTheFirstEvent)
            await toy.AppendAsync(toy.Tick(1, s_start));
        Assert.True((await loop.Ingest.SetAttributesAsync(toy.Entity(), [new NamedValue("segment", Scalar.Of("gold"))], null, default)).IsSuccess);
        await toy.AppendAsync(toy.Tick(3, s_start + TimeSpan.FromMinutes(1)));
        var features = await toy.ReadAsync("1", null, $"{toy.View}:x", $"{toy.EntityType}.segment");
        Assert.Equal(["3", "gold"], features.Select(f => f.Value.AsText()));
        Assert.Equal(s_start + TimeSpan.FromMinutes(1), (await loop.Ingest.ReadFeaturesAsync(toy.Entity(), new FeatureQuery([], null), default)).Value.AsOf);
    }

    [Fact]
    public async Task An_outcome_without_a_time_comes_true_at_the_time_of_the_events()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(clock: "event"));
        await toy.AppendAsync(toy.Tick(3, s_start));
        await toy.OutcomeAsync(toy.Entity(), Scalar.Of("yes"), null);
        var features = await toy.ReadAsync("1", null, $"{toy.View}:x", $"{toy.Name}-truth:last");
        Assert.Equal([3.0, 1.0], features.Select(f => f.Value.AsNumber()));
        Assert.Equal(s_start, features[1].EventTime);
    }

    [Fact]
    public async Task The_first_day_of_all_times_is_a_time_like_others()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.Yaml(clock: "event").Replace("events:\n", $"events:\n  - {{name: {toy.Name}-tock, entity: {toy.EntityType}, fields: {{x: {{type: float}}}}, maxAge: 1d}}\n", StringComparison.Ordinal));
        var time = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);
        Assert.Equal(AppendStatus.Accepted, (await toy.AppendAsync(toy.Tick(1, time))).Status);
        Assert.Equal(AppendStatus.Accepted, (await toy.AppendAsync(toy.Tick(1, time) with { Type = $"{toy.Name}-tock" })).Status);
    }
}
