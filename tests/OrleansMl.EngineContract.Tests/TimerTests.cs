namespace OrleansMl.EngineContract.Tests;

public sealed class TimerTests(EngineCluster engine) : EngineTest(engine)
{
    private ITimerGrain New(out string key)
    {
        key = NewKey();
        return Grains.GetGrain<ITimerGrain>(key);
    }

    [Fact]
    public async Task A_timer_ticks_again_and_again_and_never_overlaps_itself()
    {
        var grain = New(out var key);
        await grain.Start(0, interleave: true);
        await Gates.WaitFor($"{key} tick 5");
        Assert.Empty(Journal.Of(key));
        await grain.Stop();
    }

    [Fact]
    public async Task A_tick_that_fails_does_not_stop_the_timer()
    {
        var grain = New(out var key);
        await grain.Start(2, interleave: false);
        await Gates.WaitFor($"{key} tick 4");
        await grain.Stop();
    }

    [Fact]
    public async Task A_stopped_timer_is_silent()
    {
        var grain = New(out var key);
        await grain.Start(0, interleave: false);
        await Gates.WaitFor($"{key} tick 1");
        await grain.Stop();
        var ticks = await grain.Ticks();
        await Task.Delay(100);
        Assert.Equal(ticks, await grain.Ticks());
    }

    [Fact]
    public async Task Ticks_wait_for_the_running_call_unless_they_interleave()
    {
        var grain = New(out var key);
        var hold = grain.HoldWhileTicking(key);
        await Gates.WaitFor($"{key} started");
        var start = grain.Start(0, interleave: false);
        Gates.Open(key);
        await Task.WhenAll(hold, start);
        var second = $"{key} second";
        var holdAgain = grain.HoldWhileTicking(second);
        await Gates.WaitFor($"{second} started");
        var ticks = await grain.PeekTicks();
        await Task.Delay(80);
        Assert.Equal(ticks, await grain.PeekTicks());
        Gates.Open(second);
        await holdAgain;
        await Gates.WaitFor($"{key} tick {ticks + 2}");
        await grain.Stop();
    }

    [Fact]
    public async Task Interleaving_ticks_run_beside_a_waiting_call()
    {
        var grain = New(out var key);
        await grain.Start(0, interleave: true);
        var hold = grain.HoldWhileTicking(key);
        await Gates.WaitFor($"{key} started");
        var ticks = await grain.PeekTicks();
        await Gates.WaitFor($"{key} tick {ticks + 2}");
        Assert.False(hold.IsCompleted);
        Gates.Open(key);
        await hold;
        await grain.Stop();
    }

    [Fact]
    public async Task A_timer_ends_with_its_activation()
    {
        var grain = New(out var key);
        await grain.Start(0, interleave: false);
        await Gates.WaitFor($"{key} tick 1");
        await Engine.Cluster.DeactivateAsync(grain);
        Assert.Equal(0, await grain.Ticks());
        await Task.Delay(80);
        Assert.Equal(0, await grain.Ticks());
    }

    [Fact]
    public async Task A_timer_without_a_period_ticks_once()
    {
        var grain = New(out var key);
        await grain.StartOnce();
        await Gates.WaitFor($"{key} once 1");
        await Task.Delay(60);
        Assert.False(Gates.Passed($"{key} once 2").IsCompleted);
    }

    [Fact]
    public async Task A_timer_cannot_be_registered_outside_of_a_turn()
    {
        Assert.Equal("refused", await New(out _).StartOutsideOfTheTurn());
    }
}
