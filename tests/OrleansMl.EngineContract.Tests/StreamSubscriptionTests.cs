using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.EngineContract.Tests;

/// <summary>Who consumes which stream.</summary>
public sealed class StreamSubscriptionTests(StreamCluster streams) : StreamTest(streams)
{
    [Fact]
    public async Task An_event_that_finds_no_observer_asks_the_grain_to_attach_one_once_per_activation()
    {
        var key = NewKey();
        Write(Streams.Log, "notes", key, new Note("one"));
        Write(Streams.Log, "notes", key, new Note("two"));
        await Gates.WaitFor($"{key} took two");
        Assert.Equal([$"log notes/{key}"], Journal.Of($"{key} subscribed"));
        await Streams.Cluster.DeactivateAsync(Grains.GetGrain<INoteGrain>(key));
        Write(Streams.Log, "notes", key, new Note("three"));
        await Gates.WaitFor($"{key} took three");
        Assert.Equal(2, Journal.Of($"{key} subscribed").Length);
        Assert.Equal(["one", "two", "three"], Journal.Of(key));
    }

    [Fact]
    public async Task A_streams_guid_key_is_the_grains_guid_key()
    {
        var key = Guid.NewGuid();
        Streams.Log.Append(StreamId.Create("by guid", key), [new Note("one")], null);
        await Gates.WaitFor($"{key:N} took one");
    }

    [Fact]
    public async Task A_streams_integer_key_is_the_grains_integer_key()
    {
        foreach (var key in new long[] { 255, -3 })
        {
            Streams.Log.Append(StreamId.Create("by integer", key), [new Note("one")], null);
            await Gates.WaitFor($"integer {key} took one");
        }
    }

    [Fact]
    public async Task A_pattern_subscribes_to_every_namespace_that_matches()
    {
        var key = NewKey();
        Write(Streams.Log, "pattern1", key, new Note("one"));
        await Gates.WaitFor($"{key} took one");
        Write(Streams.Log, "pattern22", key, new Note("unheard"));
        Write(Streams.Log, "pattern2", key, new Note("two"));
        await Gates.WaitFor($"{key} took two");
        Assert.Equal(["one", "two"], Journal.Of(key));
    }

    [Fact]
    public async Task A_token_is_refused_where_nothing_can_be_rewound()
    {
        var key = NewKey();
        var follower = Grains.GetGrain<IStreamProducerGrain>(key);
        Assert.StartsWith("ArgumentException: Passing a non-null token", await follower.Subscribe("explicit", "followed", 0), StringComparison.Ordinal);
        Assert.Equal(0, await follower.Subscriptions("explicit", "followed", key));
        await follower.Follow("explicit", "followed", key);
        Assert.StartsWith("ArgumentException: Passing a non-null token", await follower.ResumeFrom("explicit", "followed", key, 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscriber_starts_at_its_token_where_the_queue_can_be_rewound()
    {
        var key = NewKey();
        var held = Write(Streams.Rewindable, "pairs", key, new Note("held", gate: key));
        Write(Streams.Rewindable, "pairs", key, new Note("next"));
        await Gates.WaitFor($"quick {key} took next");
        await Gates.WaitFor($"slow {key} began held");
        Assert.Null(await Grains.GetGrain<IStreamProducerGrain>(key).Subscribe("rewindable", "pairs", held));
        await Gates.WaitFor($"{key} began held");
        Gates.Open(key);
        Write(Streams.Rewindable, "pairs", key, new Note("last"));
        await Gates.WaitFor($"{key} took last");
        await Gates.WaitFor($"slow {key} took last");
        Assert.Equal(["held", "next", "last"], Journal.Of(key));
        Assert.Equal(["held", "next", "last"], Journal.Of($"slow {key}"));
    }

    [Fact]
    public async Task An_explicit_subscription_is_refused_where_there_are_implicit_ones_only()
    {
        Assert.StartsWith(nameof(ArgumentOutOfRangeException), await Grains.GetGrain<IStreamProducerGrain>(NewKey()).Subscribe("log", "anything"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explicit_subscriber_gets_what_comes_after_it_until_it_unsubscribes()
    {
        var key = NewKey();
        var follower = Grains.GetGrain<IStreamProducerGrain>(key);
        await follower.Follow("explicit", "followed", key);
        Assert.Equal(1, await follower.Subscriptions("explicit", "followed", key));
        Write(Streams.Explicit, "followed", key, new Note("one"));
        await Gates.WaitFor($"{key} took one");
        await follower.Unfollow("explicit", "followed", key);
        Assert.Equal(0, await follower.Subscriptions("explicit", "followed", key));
        await Streams.Explicit.WaitForAcknowledgement(Write(Streams.Explicit, "followed", key, new Note("two")));
        Assert.Equal(["one"], Journal.Of(key));
    }

    [Fact]
    public async Task A_subscriber_may_come_after_the_first_events_of_its_stream()
    {
        var key = NewKey();
        await Streams.Explicit.WaitForAcknowledgement(Write(Streams.Explicit, "followed", key, new Note("before")));
        // While another stream holds the cache, nothing leaves it before the subscriber has been asked where it starts.
        Write(Streams.Explicit, "pairs", key, new Note("held", gate: key));
        await Gates.WaitFor($"slow {key} began held");
        await Grains.GetGrain<IStreamProducerGrain>(key).Follow("explicit", "followed", key);
        Write(Streams.Explicit, "followed", key, new Note("after"));
        await Gates.WaitFor($"{key} took after");
        Gates.Open(key);
        Assert.Equal(["after"], Journal.Of(key));
    }

    [Fact]
    public async Task An_explicit_subscription_outlives_its_activation_and_is_resumed_by_the_next_one()
    {
        var key = NewKey();
        var follower = Grains.GetGrain<IStreamProducerGrain>(key);
        await follower.Follow("explicit", "followed", key);
        await Streams.Cluster.DeactivateAsync(follower);
        Assert.Equal(1, await follower.Subscriptions("explicit", "followed", key));
        await follower.Follow("explicit", "followed", key);
        Write(Streams.Explicit, "followed", key, new Note("one"));
        await Gates.WaitFor($"{key} took one");
        Assert.Equal(["one"], Journal.Of(key));
    }

    [Fact]
    public async Task A_handler_of_failures_may_end_an_explicit_subscription_and_never_an_implicit_one()
    {
        var key = NewKey();
        var follower = Grains.GetGrain<IStreamProducerGrain>($"follower {key}");
        await follower.Follow("faulting", "notes", key);
        Write(Streams.Faulting, "notes", key, new Note("lost", failures: int.MaxValue));
        await Gates.WaitFor($"follower {key} failed {nameof(FaultedSubscriptionException)}");
        await Streams.Faulting.WaitForAcknowledgement(Write(Streams.Faulting, "notes", key, new Note("next")));
        Assert.Equal([nameof(StreamEventDeliveryFailureException), nameof(FaultedSubscriptionException)], Journal.Of($"follower {key}"));
        Assert.Equal([nameof(StreamEventDeliveryFailureException), "next"], Journal.Of(key));
        Assert.Equal(0, await follower.Subscriptions("faulting", "notes", key));
    }

    [Fact]
    public async Task Implicit_subscribers_are_there_beside_explicit_ones()
    {
        var key = NewKey();
        Write(Streams.Explicit, "notes", key, new Note("one"));
        await Gates.WaitFor($"{key} took one");
    }
}
