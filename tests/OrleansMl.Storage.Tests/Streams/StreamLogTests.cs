using System.Text;
using OrleansMl.Storage.Embedded.Streams;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Streams;

public sealed class StreamLogTests : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sequences_rise_within_a_stream_in_the_order_of_appends()
    {
        using var store = _folder.Open();
        await store.Streams.AppendAsync([Example("a", "1"), Example("b", "2"), Example("a", "3")]);
        await store.Streams.AppendAsync([Example("a", ""), new("events", "a", Some.Bytes("other"))]);
        Assert.Equal([(1, "1"), (2, "3"), (3, "")], await Read(store.Streams, "a", 0));
        Assert.Equal([(3, "")], await Read(store.Streams, "a", 2));
        Assert.Equal([(1, "2")], await Read(store.Streams, "b", 0));
        Assert.Equal(2, (await store.Streams.ReadStreamAsync("examples", "a", 0, 2)).Count);
        Assert.Empty(await store.Streams.ReadStreamAsync("none", "a", 0, 2));
        Assert.Equal([new("a", 3, 0), new("b", 1, 0)], await store.Streams.ListHeldAsync("examples"));
    }

    [Fact]
    public async Task Neither_sequence_nor_offset_is_used_again_after_trimming_and_reopening()
    {
        long end;
        using (var store = _folder.Open(o => o.StreamQueues = 1))
        {
            await store.Streams.AppendAsync([Example("a", "1"), Example("a", "2"), Example("a", "3")]);
            await store.Streams.DrainAsync("examples", "a", 2);
            Assert.Equal([(3, "3")], await Read(store.Streams, "a", 0));
            await store.Streams.DrainAsync("examples", "a", 100);
            Assert.Empty(await store.Streams.ListHeldAsync("examples"));
            Assert.Empty(await store.Streams.ReadAsync(0, 0, 10, TimeSpan.Zero));
            end = (await store.Streams.GetQueueAsync(0)).End;
        }

        using var again = _folder.Open();
        await again.Streams.AppendAsync([Example("a", "4")]);
        Assert.Equal([(4, "4")], await Read(again.Streams, "a", 0));
        Assert.Equal(end, Assert.Single(await again.Streams.ReadAsync(0, 0, 10, TimeSpan.Zero)).Offset);
    }

    [Fact]
    public async Task The_number_of_queues_is_frozen_when_the_store_is_made()
    {
        using (var store = _folder.Open(o => o.StreamQueues = 3))
            Assert.Equal(3, store.Streams.Queues);
        using var again = _folder.Open(o => o.StreamQueues = 5);
        Assert.Equal(3, again.Streams.Queues);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await again.Streams.GetQueueAsync(3));
    }

    [Fact]
    public void A_stream_lies_in_the_same_queue_in_every_process()
    {
        // Computed elsewhere by the definition; a change of the hash would tear the streams of existing stores apart.
        Assert.Equal([1, 1, 6, 4], [.. new[] { "fraud", "churn", "elec2", "" }.Select(key => StreamQueues.QueueOf("examples", key, 8))]);
        Assert.Equal(8, Enumerable.Range(0, 200).Select(i => StreamQueues.QueueOf("events", $"s{i}", 8)).Distinct().Count());
    }

    [Fact]
    public async Task A_record_stays_until_its_queue_has_passed_it_and_its_consumer_has_released_it()
    {
        using var store = _folder.Open(o => o.StreamQueues = 1);
        var log = store.Streams;
        await log.AppendAsync([Example("a", "1"), Example("a", "2"), Example("b", "3")]);
        await log.ReleaseAsync("examples", "a", 2);
        Assert.Equal(0, await log.TrimAsync());
        await log.StorePositionAsync(0, 1);
        Assert.Equal(1, await log.TrimAsync());
        await log.StorePositionAsync(0, 3);
        Assert.Equal(1, await log.TrimAsync());
        Assert.Equal(["b"], (await log.ReadAsync(0, 0, 10, TimeSpan.Zero)).Select(i => i.Key));
    }

    [Fact]
    public async Task A_position_only_rises_except_by_a_rewind()
    {
        using var store = _folder.Open(o => o.StreamQueues = 1);
        var log = store.Streams;
        await log.AppendAsync([.. Enumerable.Range(0, 5).Select(i => new StreamAppend("events", "s", Some.Bytes($"{i}")))]);
        Assert.Equal(new(-1, 5), await log.GetQueueAsync(0));
        await log.StorePositionAsync(0, 4);
        await log.StorePositionAsync(0, 2);
        Assert.Equal(new(4, 5), await log.GetQueueAsync(0));
        await log.RewindAsync(0, 1);
        Assert.Equal(new(1, 5), await log.GetQueueAsync(0));
        await log.RewindAsync(0, 99);
        Assert.Equal(new(5, 5), await log.GetQueueAsync(0));
    }

    [Fact]
    public async Task Trimming_more_than_one_delete_takes_removes_it_all()
    {
        var clock = new StoppedClock();
        using var store = _folder.Open(time: clock);
        for (var i = 0; i < 5; i++)
            await store.Streams.AppendAsync([.. Enumerable.Range(0, 2_000).SelectMany(_ => new[] { Example("a", "x"), new StreamAppend("events", "a", Some.Bytes("x")) })]);
        await store.Streams.AppendAsync([Example("b", "y")]);
        await store.Streams.DrainAsync("examples", "a", 9_999);
        Assert.Equal([(10_000, "x")], await Read(store.Streams, "a", 0));
        Assert.Equal([(1, "y")], await Read(store.Streams, "b", 0));
        clock.Now = clock.Now.AddDays(8);
        Assert.Equal(10_000, await store.Streams.TrimAsync());
        Assert.Empty(await store.Streams.ReadStreamAsync("events", "a", 0, 10));
    }

    [Fact]
    public async Task Whoever_waits_at_the_end_of_a_queue_is_woken_by_the_commit()
    {
        using var store = _folder.Open(o => o.StreamQueues = 1);
        var waiting = store.Streams.ReadAsync(0, 0, 10, s_long).AsTask();
        Assert.False(waiting.IsCompleted);
        await store.Predictions.AppendAsync(Some.Prediction("p1"));
        await store.Predictions.CommitAsync([], [Some.Label("p1", learner: "fraud")]);
        var item = Assert.Single(await waiting.WaitAsync(s_long));
        Assert.Equal(("examples", "fraud", 1L), (item.Namespace, item.Key, item.Sequence));
    }

    [Fact]
    public async Task Waiting_ends_empty_after_its_time_and_at_once_when_it_is_cancelled()
    {
        using var store = _folder.Open(o => o.StreamQueues = 1);
        Assert.Empty(await store.Streams.ReadAsync(0, 0, 10, TimeSpan.FromMilliseconds(1)));
        using var cancellation = new CancellationTokenSource();
        var waiting = store.Streams.ReadAsync(0, 0, 10, s_long, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_long));
    }

    [Fact]
    public async Task No_append_is_missed_between_many_readers_and_writers()
    {
        using var store = _folder.Open(o => o.StreamQueues = 2);
        const int Each = 500;
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
                await store.Streams.AppendAsync([new StreamAppend("events", $"s{w}", Some.Bytes($"{i}"))]);
        })).ToList();
        var readers = Enumerable.Range(0, 2).Select(queue => Task.Run(async () =>
        {
            var expected = Enumerable.Range(0, 4).Count(w => StreamQueues.QueueOf("events", $"s{w}", 2) == queue) * Each;
            var items = new List<StreamItem>();
            while (items.Count < expected)
            {
                var read = await store.Streams.ReadAsync(queue, items.Count, 64, s_long);
                Assert.NotEmpty(read);
                items.AddRange(read);
            }

            return items;
        })).ToList();
        await Task.WhenAll(writers);
        foreach (var reader in readers)
        {
            foreach (var stream in (await reader.WaitAsync(s_long)).GroupBy(i => i.Key))
                Assert.Equal(Enumerable.Range(0, Each).Select(i => (i + 1L, $"{i}")), stream.Select(i => (i.Sequence, Encoding.UTF8.GetString(i.Record.Span))));
        }
    }

    private static StreamAppend Example(string model, string content) => new("examples", model, Some.Bytes(content));

    private static async Task<(long, string)[]> Read(IStreamLog log, string model, long after)
        => [.. (await log.ReadStreamAsync("examples", model, after, 100_000)).Select(i => (i.Sequence, Encoding.UTF8.GetString(i.Record.Span)))];
}
