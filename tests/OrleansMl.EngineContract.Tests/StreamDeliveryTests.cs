using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

/// <summary>Retries, failures, acknowledgement and pressure.</summary>
public sealed class StreamDeliveryTests(StreamCluster streams) : StreamTest(streams)
{
    [Fact]
    public async Task A_failing_delivery_is_tried_again_until_it_succeeds_and_the_order_stays()
    {
        var key = NewKey();
        Write(Streams.Log, "notes", key, new Note("hard", failures: 3));
        Write(Streams.Log, "notes", key, new Note("easy"));
        await Gates.WaitFor($"{key} took easy");
        Assert.Equal(["hard", "easy"], Journal.Of(key));
        Assert.Equal(["hard", "hard", "hard", "hard", "easy"], Journal.Of($"{key} attempts"));
    }

    [Fact]
    public async Task A_retry_repeats_the_whole_container()
    {
        var key = NewKey();
        Write(Streams.Log, "notes", key, new Note("first"), new Note("second", failures: 1));
        await Gates.WaitFor($"{key} took second");
        Assert.Equal(["first", "first", "second"], Journal.Of(key));
    }

    [Fact]
    public async Task A_delivery_that_is_given_up_is_reported_passed_over_and_never_acknowledged()
    {
        var key = NewKey();
        var lost = Write(Streams.Impatient, "notes", key, new Note("lost", failures: int.MaxValue));
        var next = Write(Streams.Impatient, "notes", key, new Note("next"));
        await Gates.WaitFor($"{key} took next");
        Assert.Equal(["StreamEventDeliveryFailureException", "next"], Journal.Of(key));
        Assert.Equal([(StreamId.Create("notes", key), lost)], Streams.Impatient.Failures.Where(f => f.Stream == StreamId.Create("notes", key)));
        await Streams.Impatient.WaitForAcknowledgement(next);
        Assert.DoesNotContain(lost, Streams.Impatient.Acknowledged);
    }

    [Fact]
    public async Task A_slow_consumer_does_not_hold_back_another_stream_of_its_queue()
    {
        var slow = NewKey();
        var quick = NewKey();
        var held = Write(Streams.Log, "notes", slow, new Note("held", gate: slow));
        await Gates.WaitFor($"{slow} began held");
        for (var i = 0; i < 30; i++)
            Write(Streams.Log, "notes", quick, new Note($"{i}"));
        await Gates.WaitFor($"{quick} took 29");
        Assert.DoesNotContain(held, Streams.Log.Acknowledged);
        Gates.Open(slow);
        await Streams.Log.WaitForAcknowledgement(held + 30);
    }

    [Fact]
    public async Task The_queue_is_not_read_while_the_consumer_of_a_new_stream_is_busy()
    {
        var (busy, other) = (NewKey(), NewKey());
        Write(Streams.Log, "notes", busy, new Note("held", gate: busy));
        await Gates.WaitFor($"{busy} began held");
        var position = (int)Write(Streams.Impatient, "notes", busy, new Note("first of its stream")) + 1;
        await Streams.Impatient.WaitForPosition(position);
        Write(Streams.Impatient, "notes", other, new Note("behind it"));
        Assert.Equal(position, Streams.Impatient.Position);
        Gates.Open(busy);
        await Gates.WaitFor($"{other} took behind it");
        await Gates.WaitFor($"{busy} took first of its stream");
    }

    [Fact]
    public async Task Consumers_of_one_stream_go_on_independently_and_the_slowest_one_holds_the_acknowledgement()
    {
        var key = NewKey();
        var held = Write(Streams.Log, "pairs", key, new Note("held", gate: key));
        var last = Write(Streams.Log, "pairs", key, new Note("last"));
        await Gates.WaitFor($"quick {key} took last");
        Assert.Empty(Journal.Of($"slow {key}"));
        Assert.DoesNotContain(held, Streams.Log.Acknowledged);
        Gates.Open(key);
        await Gates.WaitFor($"slow {key} took last");
        await Streams.Log.WaitForAcknowledgement(last);
    }

    [Fact]
    public async Task Acknowledgements_are_contiguous_whatever_the_order_of_the_consumers()
    {
        var keys = Enumerable.Range(0, 5).Select(_ => NewKey()).ToArray();
        long last = 0;
        for (var i = 0; i < 60; i++)
            last = Write(Streams.Log, "notes", keys[i % keys.Length], new Note($"{i}", failures: i % 7 == 0 ? 1 : 0));
        await Streams.Log.WaitForAcknowledgement(last);
        var acknowledged = Streams.Log.Acknowledged;
        Assert.Equal(acknowledged.Order(), acknowledged);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => last - 59 + i), acknowledged.Where(o => o > last - 60 && o <= last));
    }

    [Fact]
    public async Task Events_without_a_subscriber_are_acknowledged()
    {
        await Streams.Log.WaitForAcknowledgement(Write(Streams.Log, "nobody listens", NewKey(), new Note("unheard")));
    }

    [Fact]
    public async Task A_subscriber_that_attaches_no_observer_gets_nothing_and_its_events_are_acknowledged()
    {
        var key = NewKey();
        await Streams.Log.WaitForAcknowledgement(Write(Streams.Log, "deaf", key, new Note("unheard")));
        Assert.Equal(["activated"], Journal.Of(key));
    }

    [Fact]
    public async Task The_receiver_is_asked_for_no_more_than_the_cache_takes()
    {
        var key = NewKey();
        Write(Streams.Tight, "notes", key, new Note("0", gate: key));
        await Gates.WaitFor($"{key} began 0");
        for (var i = 1; i < 30; i++)
            Write(Streams.Tight, "notes", key, new Note($"{i}"));
        await Streams.Tight.WaitForPosition(10);
        Gates.Open(key);
        await Gates.WaitFor($"{key} took 29");
        await Streams.Tight.WaitForAcknowledgement(29);
        Assert.Equal(10, Streams.Tight.MaxInFlight);
        Assert.All(Streams.Tight.Asked, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task An_error_of_acknowledging_is_swallowed_and_the_messages_are_not_offered_again()
    {
        var key = NewKey();
        Streams.Log.FailNextAcknowledgement();
        Write(Streams.Log, "notes", key, new Note("unstored"));
        await Gates.WaitFor($"{key} took unstored");
        await Streams.Log.WaitForStep("acknowledgement failed");
        var later = Write(Streams.Log, "notes", key, new Note("later"));
        await Streams.Log.WaitForAcknowledgement(later);
        Assert.Equal(["unstored", "later"], Journal.Of(key));
    }

    [Fact]
    public async Task A_queue_that_cannot_be_read_is_read_again()
    {
        var key = NewKey();
        Streams.Log.FailNextReads(3);
        Write(Streams.Log, "notes", key, new Note("late"));
        await Gates.WaitFor($"{key} took late");
    }
}
