namespace OrleansMl.EngineContract.Tests;

public sealed class ObserverTests(EngineCluster engine) : EngineTest(engine)
{
    private IPublisherGrain Publisher() => Grains.GetGrain<IPublisherGrain>(NewKey());

    [Fact]
    public async Task An_observer_hears_what_the_grain_publishes_in_order()
    {
        var name = NewKey();
        var reader = new NewsReader(name);
        var reference = Grains.CreateObjectReference<INewsObserver>(reader);
        var publisher = Publisher();
        await publisher.Subscribe(reference);
        for (var i = 0; i < 10; i++)
            await publisher.Publish($"{i}");
        await Gates.WaitFor($"{name} 9");
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), Journal.Of(name));
        GC.KeepAlive(reader);
        Grains.DeleteObjectReference<INewsObserver>(reference);
    }

    [Fact]
    public async Task An_observer_may_answer()
    {
        var reader = new NewsReader(NewKey());
        var reference = Grains.CreateObjectReference<INewsObserver>(reader);
        var publisher = Publisher();
        await publisher.Subscribe(reference);
        Assert.Equal("well!", await publisher.AskAll("well"));
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task Subscribing_twice_counts_once_and_unsubscribing_ends_it()
    {
        var reader = new NewsReader(NewKey());
        var reference = Grains.CreateObjectReference<INewsObserver>(reader);
        var publisher = Publisher();
        await publisher.Subscribe(reference);
        await publisher.Subscribe(reference);
        Assert.Equal(1, await publisher.Count());
        await publisher.Unsubscribe(reference);
        Assert.Equal(0, await publisher.Count());
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task An_observers_error_reaches_the_grain_and_the_manager_drops_the_observer()
    {
        var reader = new NewsReader(NewKey());
        var reference = Grains.CreateObjectReference<INewsObserver>(reader);
        var publisher = Publisher();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => publisher.AskOne(reference, "fail"));
        Assert.Equal("no answer", error.Message);
        await publisher.Subscribe(reference);
        await publisher.AskAll("fail");
        Assert.Equal(0, await publisher.Count());
        GC.KeepAlive(reader);
    }

    [Fact]
    public void Only_a_reference_can_be_deleted_and_only_once()
    {
        var reader = new NewsReader(NewKey());
        var reference = Grains.CreateObjectReference<INewsObserver>(reader);
        Assert.ThrowsAny<ArgumentException>(() => Grains.DeleteObjectReference<INewsObserver>(reader));
        Grains.DeleteObjectReference<INewsObserver>(reference);
        Assert.ThrowsAny<ArgumentException>(() => Grains.DeleteObjectReference<INewsObserver>(reference));
    }
}
