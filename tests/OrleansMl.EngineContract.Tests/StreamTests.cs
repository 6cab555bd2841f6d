using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.EngineContract.Tests;

/// <summary>From producer to consumer.</summary>
public sealed class StreamTests(StreamCluster streams) : StreamTest(streams)
{
    [Fact]
    public async Task Events_of_a_stream_arrive_one_by_one_in_order_with_their_tokens()
    {
        var key = NewKey();
        var first = Write(Streams.Log, "notes", key, new Note("a"), new Note("b"));
        for (var i = 0; i < 50; i++)
            Write(Streams.Log, "notes", key, new Note($"{i}"));
        await Gates.WaitFor($"{key} took 49");
        Assert.Equal(["a", "b", .. Enumerable.Range(0, 50).Select(i => $"{i}")], Journal.Of(key));
        Assert.Equal([$"{first}:0", $"{first}:1", $"{first + 1}:0"], Journal.Of($"{key} tokens").Take(3));
    }

    [Fact]
    public async Task A_client_produces_through_its_own_adapter()
    {
        var key = NewKey();
        var stream = Streams.Cluster.Client.GetStreamProvider("log").GetStream<Note>(StreamId.Create("notes", key));
        Assert.Equal(("log", false, "notes", key), (stream.ProviderName, stream.IsRewindable, stream.StreamId.GetNamespace(), stream.StreamId.GetKeyAsString()));
        await stream.OnNextAsync(new Note("one"));
        await stream.OnNextBatchAsync([new Note("two"), new Note("three")]);
        await Gates.WaitFor($"{key} took three");
        Assert.Equal(["one", "two", "three"], Journal.Of(key));
    }

    [Fact]
    public async Task A_grain_produces()
    {
        var key = NewKey();
        await Grains.GetGrain<IStreamProducerGrain>(key).Produce("log", "notes", key, ["one", "two"]);
        await Gates.WaitFor($"{key} took two");
        Assert.Equal(["one", "two"], Journal.Of(key));
    }

    [Fact]
    public async Task Producing_ends_when_the_queue_has_accepted_not_when_the_consumer_has_taken()
    {
        var key = NewKey();
        var stream = Streams.Cluster.Client.GetStreamProvider("log").GetStream<Note>(StreamId.Create("notes", key));
        await stream.OnNextAsync(new Note("held", gate: key));
        await Gates.WaitFor($"{key} began held");
        await stream.OnNextAsync(new Note("next"));
        Assert.Empty(Journal.Of(key));
        Gates.Open(key);
        await Gates.WaitFor($"{key} took next");
    }

    [Fact]
    public async Task The_producer_sees_the_adapters_error()
    {
        var stream = Streams.Cluster.Client.GetStreamProvider("log").GetStream<Note>(StreamId.Create("notes", NewKey()));
        Streams.Log.FailNextWrite();
        await Assert.ThrowsAsync<IOException>(() => stream.OnNextAsync(new Note("lost")));
    }

    [Fact]
    public void An_unknown_provider_is_named()
    {
        var error = Assert.Throws<KeyNotFoundException>(() => Streams.Cluster.Client.GetStreamProvider("nowhere"));
        Assert.Contains("'nowhere'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_request_context_of_the_producer_is_that_of_the_delivery()
    {
        var key = NewKey();
        var stream = Streams.Cluster.Client.GetStreamProvider("log").GetStream<Note>(StreamId.Create("notes", key));
        RequestContext.Set("who", key);
        await stream.OnNextAsync(new Note("with"));
        RequestContext.Clear();
        await stream.OnNextAsync(new Note("without"));
        await Gates.WaitFor($"{key} took without");
        Assert.Equal([key], Journal.Of($"{key} who"));
    }

    [Fact]
    public async Task A_batch_observer_takes_the_events_of_a_container_together()
    {
        var key = NewKey();
        Write(Streams.Log, "batches", key, new Note("a"), new Note("b"), new Note("c"));
        Write(Streams.Log, "batches", key, new Note("d"));
        await Gates.WaitFor($"{key} took d");
        Assert.Equal(["a+b+c", "d"], Journal.Of(key));
    }

    [Fact]
    public async Task Containers_that_wait_are_delivered_in_one_call_up_to_the_batch_size()
    {
        var key = NewKey();
        Write(Streams.Batched, "batches", key, new Note("held", gate: key));
        await Gates.WaitFor($"{key} began held");
        for (var i = 0; i < 12; i++)
            Write(Streams.Batched, "batches", key, new Note($"{i}"));
        await Streams.Batched.WaitForPosition(13);
        Gates.Open(key);
        await Gates.WaitFor($"{key} took 10+11");
        Assert.Equal(["held", "0+1+2+3+4+5+6+7+8+9", "10+11"], Journal.Of(key));
        await Streams.Batched.WaitForAcknowledgement(12);
    }

    [Fact]
    public async Task Delivery_is_a_call_a_grain_that_is_not_reentrant_takes_one_at_a_time()
    {
        var key = NewKey();
        Write(Streams.Log, "notes", key, new Note("held", gate: key));
        await Gates.WaitFor($"{key} began held");
        var call = Grains.GetGrain<INoteGrain>(key).Call();
        Assert.False(call.IsCompleted);
        Gates.Open(key);
        await call;
        Assert.Equal(["held", "call"], Journal.Of(key));
    }

    [Fact]
    public async Task The_events_of_a_container_reach_every_consumer_as_they_are_isolation_is_the_adapters()
    {
        var key = NewKey();
        var note = new Note("same");
        Write(Streams.Log, "notes", key, note);
        await Gates.WaitFor($"{key} took same");
        Assert.Same(note, SeenNotes.Of(key));
    }

    [Fact]
    public async Task Memory_streams_deliver_copies()
    {
        var key = NewKey();
        var note = new Note("copied");
        var stream = Streams.Cluster.Client.GetStreamProvider("memory").GetStream<Note>(StreamId.Create("notes", key));
        Assert.True(stream.IsRewindable);
        await stream.OnNextAsync(note);
        await Grains.GetGrain<IStreamProducerGrain>(key).Produce("memory", "notes", key, ["from a grain"]);
        await Gates.WaitFor($"{key} took from a grain");
        Assert.Equal(["copied", "from a grain"], Journal.Of(key));
        Assert.NotSame(note, SeenNotes.Of(key));
    }
}
