using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

public sealed class CallTests(EngineCluster engine) : EngineTest(engine)
{
    private ICallGrain New(out string key)
    {
        key = NewKey();
        return Grains.GetGrain<ICallGrain>(key);
    }

    [Fact]
    public async Task Arguments_and_results_come_through_in_every_shape_of_method()
    {
        var grain = New(out _);
        Assert.Equal("text", await grain.Echo("text"));
        Assert.Equal(5, await grain.EchoValue(5));
        await grain.NoResult();
        var time = new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        Assert.Equal($"1 none 3 {time:O} 0.5 x|y", await grain.ManyArguments(1, null, 3, time, 0.5, ["x", "y"]));
    }

    [Fact]
    public async Task Generic_methods_work()
    {
        var grain = New(out _);
        Assert.Equal(7, await grain.EchoGeneric(7));
        Assert.Equal(["a"], await grain.EchoGeneric(new List<string> { "a" }));
    }

    [Fact]
    public async Task Exceptions_keep_type_and_message()
    {
        var grain = New(out _);
        Assert.Equal("wrong", (await Assert.ThrowsAsync<InvalidOperationException>(() => grain.Fail("wrong"))).Message);
        Assert.Equal("at once", (await Assert.ThrowsAsync<ArgumentException>(() => grain.FailBeforeAwait())).Message);
        var own = await Assert.ThrowsAsync<ContractException>(() => grain.FailOwn("ours", 42));
        Assert.Equal(("ours", 42), (own.Message, own.Code));
        Assert.Equal("still there", await grain.Echo("still there"));
    }

    [Fact]
    public async Task A_one_way_call_does_not_tell_its_error()
    {
        var grain = New(out var key);
        await grain.FailOneWay(key).WaitAsync(Patience);
        await Gates.WaitFor(key);
        Assert.Equal("alive", await grain.Echo("alive"));
    }

    [Fact]
    public async Task Cancelling_reaches_the_running_call()
    {
        var grain = New(out var key);
        using var cancellation = new CancellationTokenSource();
        var call = grain.WaitOrCancel(key, cancellation.Token);
        await Gates.WaitFor($"{key} started");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Patience));
        await Gates.WaitFor($"{key} cancelled");
    }

    [Fact]
    public async Task A_call_cancelled_beforehand_is_not_sent()
    {
        var grain = New(out var key);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.Never(new CancellationToken(canceled: true)));
        Assert.Equal("sync", await grain.Echo("sync"));
        Assert.Empty(Journal.Of(key));
    }

    [Fact]
    public async Task A_call_cancelled_in_the_queue_is_not_started()
    {
        var grain = New(out var key);
        var hold = grain.Hold(key);
        await Gates.WaitFor($"{key} started");
        using var cancellation = new CancellationTokenSource();
        var queued = grain.Never(cancellation.Token);
        // It has arrived once a call sent after it has been admitted beside the running one.
        Assert.Null(await grain.ContextValue("none"));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.WaitAsync(Patience));
        Gates.Open(key);
        await hold;
        Assert.Equal("sync", await grain.Echo("sync"));
    }

    [Fact]
    public async Task Long_polls_wait_beside_other_calls()
    {
        var grain = New(out var key);
        var waiting = Enumerable.Range(0, 5).Select(_ => grain.WaitForChange(key, default)).ToArray();
        await Gates.WaitFor($"{key} started");
        Assert.Equal("meanwhile", await grain.Echo("meanwhile").WaitAsync(Patience));
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        Gates.Open(key);
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal("done", answer));
    }

    [Fact]
    public async Task Items_are_enumerated_in_order_across_batches()
    {
        var grain = New(out _);
        var items = new List<int>();
        await foreach (var item in grain.Count(250, null))
            items.Add(item);
        Assert.Equal(Enumerable.Range(0, 250), items);
        items.Clear();
        await foreach (var item in grain.Count(7, null).WithBatchSize(2))
            items.Add(item);
        Assert.Equal(Enumerable.Range(0, 7), items);
    }

    [Fact]
    public async Task An_enumeration_delivers_what_is_there_while_the_grain_waits()
    {
        var grain = New(out var key);
        var items = grain.Count(4, key).GetAsyncEnumerator();
        Assert.Empty(Journal.Of(key));
        Assert.True(await items.MoveNextAsync());
        Assert.True(await items.MoveNextAsync());
        Assert.Equal(1, items.Current);
        Assert.Equal("meanwhile", await grain.Echo("meanwhile").WaitAsync(Patience));
        Gates.Open(key);
        Assert.True(await items.MoveNextAsync());
        Assert.True(await items.MoveNextAsync());
        Assert.False(await items.MoveNextAsync());
        await items.DisposeAsync();
    }

    [Fact]
    public async Task Breaking_off_an_enumeration_ends_it_in_the_grain()
    {
        var grain = New(out var key);
        await foreach (var item in grain.Count(1_000_000, null))
        {
            if (item == 3)
                break;
        }

        await Gates.WaitFor($"{key} enumeration ended");
    }

    [Fact]
    public async Task An_error_within_an_enumeration_reaches_the_caller_after_the_items_before_it()
    {
        var grain = New(out _);
        var items = new List<int>();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var item in grain.CountThenFail(3))
                items.Add(item);
        });
        Assert.Equal("no more", error.Message);
        Assert.Equal([0, 1, 2], items);
    }

    [Fact]
    public async Task An_enumeration_is_aborted_when_the_activation_ends()
    {
        var grain = New(out var key);
        var items = grain.Count(10, key).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        await Engine.Cluster.DeactivateAsync(grain);
        await Assert.ThrowsAsync<EnumerationAbortedException>(async () =>
        {
            for (var i = 0; i < 10; i++)
                await items.MoveNextAsync();
        });
        Gates.Open(key);
    }

    [Fact]
    public async Task The_request_context_travels_down_and_never_up()
    {
        var grain = New(out _);
        RequestContext.Set("who", "caller");
        try
        {
            Assert.Equal("caller", await grain.ContextValue("who"));
            Assert.Equal("caller", await grain.PassContextOn(NewKey(), "who"));
            Assert.Equal("callee", await grain.ChangeContext("who", "callee"));
            Assert.Equal("caller", RequestContext.Get("who"));
        }
        finally
        {
            RequestContext.Clear();
        }

        Assert.Null(await grain.ContextValue("who"));
    }

    [Fact]
    public async Task Async_locals_of_the_caller_do_not_reach_the_grain()
    {
        CallGrain.AmbientOfCaller.Value = "leak";
        Assert.Null(await New(out _).ContextValue("none"));
        Assert.Equal("leak", CallGrain.AmbientOfCaller.Value);
    }
}
