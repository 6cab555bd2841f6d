namespace OrleansMl.EngineContract.Tests;

public sealed class FilterTests(EngineCluster engine) : EngineTest(engine)
{
    [Fact]
    public async Task Filters_run_in_order_around_the_method()
    {
        var key = NewKey();
        await Grains.GetGrain<IFilteredGrain>(key).Double(2);
        Assert.Equal(["outgoing client", "incoming 1 Double on FilteredGrain", "incoming 2", "own", "method"], CallLog.Of(key));
    }

    [Fact]
    public async Task A_filter_may_change_the_result()
    {
        Assert.Equal(5, await Grains.GetGrain<IFilteredGrain>(NewKey()).Double(2));
    }

    [Fact]
    public async Task A_filter_may_change_an_argument()
    {
        Assert.Equal("changed", await Grains.GetGrain<IFilteredGrain>(NewKey()).Rewritten("as sent"));
    }

    [Fact]
    public async Task A_filter_may_refuse_the_call()
    {
        var key = NewKey();
        var error = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Grains.GetGrain<IFilteredGrain>(key).Refused());
        Assert.Equal("not you", error.Message);
        Assert.DoesNotContain("method", CallLog.Of(key));
    }

    [Fact]
    public async Task Calls_between_grains_pass_the_silos_outgoing_filter()
    {
        var other = NewKey();
        Assert.Equal("3", await Grains.GetGrain<IFilteredGrain>(NewKey()).Through(other));
        Assert.Equal("outgoing silo", CallLog.Of(other)[0]);
    }
}
