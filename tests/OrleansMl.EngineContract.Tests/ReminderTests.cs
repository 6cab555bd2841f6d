namespace OrleansMl.EngineContract.Tests;

public sealed class ReminderTests(EngineCluster engine) : EngineTest(engine)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(120);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private IReminderGrain New(out string key)
    {
        key = NewKey();
        return Grains.GetGrain<IReminderGrain>(key);
    }

    [Fact]
    public async Task A_reminder_ticks_first_when_due_and_then_every_period()
    {
        var grain = New(out var key);
        await grain.Register("r", Soon, Often);
        await Gates.WaitFor($"{key} r tick 3");
        Assert.All(Journal.Of($"{key} r"), tick => Assert.Equal($"{Often} True", tick));
        await grain.Unregister("r");
    }

    [Fact]
    public async Task A_tick_activates_the_grain()
    {
        var grain = New(out var key);
        await grain.Register("r", TimeSpan.FromMilliseconds(300), Hour);
        Assert.True(Engine.Cluster.TryGetGrainContext(grain.GetGrainId(), out var context));
        await grain.EndOnIdle();
        await context!.Deactivated.WaitAsync(Patience);
        await Gates.WaitFor($"{key} r tick 1");
        Assert.Equal(["activated", "activated"], Journal.Of(key));
        await grain.Unregister("r");
    }

    [Fact]
    public async Task Registered_reminders_can_be_listed_and_found()
    {
        var grain = New(out _);
        await grain.Register("b", Hour, Hour);
        await grain.Register("a", Hour, Hour);
        Assert.Equal(["a", "b"], await grain.Names());
        Assert.Equal("a", await grain.Find("a"));
        Assert.Null(await grain.Find("c"));
        await grain.Unregister("a");
        Assert.Equal(["b"], await grain.Names());
        await grain.Unregister("b");
    }

    [Fact]
    public async Task Registering_a_name_again_replaces_it()
    {
        var grain = New(out var key);
        await grain.Register("r", Hour, Hour);
        await grain.Register("r", Soon, Often);
        await Gates.WaitFor($"{key} r tick 1");
        Assert.Equal(["r"], await grain.Names());
        await grain.Unregister("r");
    }

    [Fact]
    public async Task An_unregistered_reminder_is_silent()
    {
        var grain = New(out var key);
        await grain.Register("r", Soon, Often);
        await Gates.WaitFor($"{key} r tick 1");
        await grain.Unregister("r");
        // One tick may have been on its way.
        await grain.Names();
        var ticks = Journal.Of($"{key} r").Length;
        await Task.Delay(Often * 3);
        Assert.InRange(Journal.Of($"{key} r").Length, ticks, ticks + 1);
    }

    [Fact]
    public async Task A_period_below_the_minimum_is_refused()
    {
        Assert.Equal("refused", await New(out _).RegisterTooFrequent());
    }

    [Fact]
    public async Task A_reminder_cannot_be_registered_outside_of_a_turn()
    {
        Assert.Equal("refused", await New(out _).RegisterOutsideOfTheTurn());
    }
}
