using Orleans.Runtime;
using OrleansMl.Testing;

namespace OrleansMl.EngineContract.Tests;

public sealed class SchedulingTests(EngineCluster engine) : EngineTest(engine)
{
    private ITurnGrain Turn(string key) => Grains.GetGrain<ITurnGrain>(key);

    [Fact]
    public async Task A_call_waits_for_the_one_before_it()
    {
        var key = NewKey();
        var hold = Turn(key).Hold(key);
        await Gates.WaitFor($"{key} started");
        var note = Turn(key).Note("second");
        Assert.Equal("peeked", await Turn(key).Peek());
        Assert.False(note.IsCompleted);
        Gates.Open(key);
        await Task.WhenAll(hold, note);
        Assert.Equal([$"held {key}", "second"], Journal.Of(key));
    }

    [Fact]
    public async Task Calls_of_one_grain_never_overlap()
    {
        var key = NewKey();
        var counts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Turn(key).CountWithoutOverlap(20)));
        Assert.Equal(400, counts.Max());
    }

    [Fact]
    public async Task An_always_interleaving_call_runs_beside_a_waiting_one()
    {
        var key = NewKey();
        var hold = Turn(key).Hold(key);
        await Gates.WaitFor($"{key} started");
        Assert.Equal("peeked", await Turn(key).Peek().WaitAsync(Patience));
        Gates.Open(key);
        await hold;
    }

    [Fact]
    public async Task Read_only_calls_run_beside_each_other_and_overtake_a_writing_one()
    {
        var key = NewKey();
        var reading = Turn(key).ReadHold(key);
        await Gates.WaitFor($"{key} started");
        var writing = Turn(key).Note("write");
        Assert.Equal("peeked", await Turn(key).Peek());
        Assert.Equal("read", await Turn(key).Read().WaitAsync(Patience));
        Assert.False(writing.IsCompleted);
        Gates.Open(key);
        await Task.WhenAll(reading, writing);
        Assert.Equal(["read", $"held {key}", "write"], Journal.Of(key));
    }

    [Fact]
    public async Task A_read_only_call_waits_for_a_writing_one()
    {
        var key = NewKey();
        var writing = Turn(key).Hold(key);
        await Gates.WaitFor($"{key} started");
        var read = Turn(key).Read();
        Assert.Equal("peeked", await Turn(key).Peek());
        Assert.False(read.IsCompleted);
        Gates.Open(key);
        await writing;
        Assert.Equal("read", await read);
    }

    [Fact]
    public async Task A_call_to_oneself_waits_for_itself_until_the_timeout()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Turn(NewKey()).CallSelf());
    }

    [Fact]
    public async Task A_cycle_of_calls_times_out()
    {
        var (one, two) = (NewKey(), NewKey());
        await Assert.ThrowsAsync<TimeoutException>(() => Turn(one).PassOn([two, one]));
    }

    [Fact]
    public async Task A_cycle_of_calls_succeeds_where_the_chain_allows_reentrancy()
    {
        var (one, two) = (NewKey(), NewKey());
        Assert.Equal($"{one} > {two} > {one}", await Turn(one).PassOnWithReentrancy([two, one]).WaitAsync(Patience));
    }

    [Fact]
    public async Task A_reentrant_grain_takes_calls_while_one_waits()
    {
        var key = NewKey();
        var grain = Grains.GetGrain<IReentrantGrain>(key);
        var hold = grain.Hold(key);
        await Gates.WaitFor($"{key} started");
        Assert.Equal("quick", await grain.Quick().WaitAsync(Patience));
        Gates.Open(key);
        await hold;
    }

    [Fact]
    public async Task Synchronous_sections_of_a_reentrant_grain_never_overlap()
    {
        var grain = Grains.GetGrain<IReentrantGrain>(NewKey());
        var counts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.SynchronousSections(50)));
        Assert.Equal(1000, counts.Max());
    }

    [Fact]
    public async Task A_predicate_decides_which_calls_interleave()
    {
        var key = NewKey();
        var grain = Grains.GetGrain<IPredicateGrain>(key);
        var hold = grain.Hold(key);
        await Gates.WaitFor($"{key} started");
        var calm = grain.Say("calm");
        Assert.Equal("urgent", await grain.Say("urgent").WaitAsync(Patience));
        Assert.False(calm.IsCompleted);
        Gates.Open(key);
        await hold;
        Assert.Equal("calm", await calm);
    }

    [Fact]
    public async Task Continuations_come_back_to_the_turn_and_background_work_leaves_it()
    {
        Assert.Equal(
            "start inside, yield inside, run outside, back inside, unconfigured outside",
            await Turn(NewKey()).WhereAmI());
    }

    [Fact]
    public async Task A_stateless_worker_has_as_many_activations_as_allowed()
    {
        var gate = NewKey();
        var all = Grains.GetGrain<IWorkerCallerGrain>(NewKey()).HoldAll(NewKey(), gate, 6);

        // Which two of the calls it is depends on how the first is taken up while the others arrive.
        await Eventually.IsAsync(() => Task.FromResult(Journal.Of(gate).Length >= 2 ? null : $"started: {string.Join(", ", Journal.Of(gate))}"));
        Assert.Equal(2, Journal.Of(gate).Length);
        Gates.Open(gate);
        Assert.Equal(2, (await all).Distinct().Count());
    }

    [Fact]
    public async Task A_timed_out_call_goes_on_in_the_callee()
    {
        var key = NewKey();
        var hold = Turn(key).HoldBriefly(key);
        await Gates.WaitFor($"{key} started");
        await Assert.ThrowsAsync<TimeoutException>(() => hold);
        Gates.Open(key);
        await Turn(key).Note("after");
        Assert.Equal([$"held {key}", "after"], Journal.Of(key));
    }

    [Fact]
    public async Task A_call_that_timed_out_in_the_queue_is_never_started()
    {
        var key = NewKey();
        var hold = Turn(key).Hold(key);
        await Gates.WaitFor($"{key} started");
        await Assert.ThrowsAsync<TimeoutException>(() => Turn(key).HoldBriefly($"{key} 2"));
        Gates.Open(key);
        await hold;
        await Turn(key).Note("after");
        Assert.Equal([$"held {key}", "after"], Journal.Of(key));
        Assert.False(Gates.Passed($"{key} 2 started").IsCompleted);
    }

    [Fact]
    public async Task A_turn_that_blocks_its_thread_does_not_stop_other_grains()
    {
        var key = NewKey();
        var blocked = Turn(key).ThreadOfLongSynchronousWork(key);
        await Gates.WaitFor($"{key} started");
        await Turn(NewKey()).Note("elsewhere").WaitAsync(Patience);
        Gates.Open(key);
        await blocked;
    }
}
