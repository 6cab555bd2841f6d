using Orleans.Streams;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Adapter;

public sealed class LogQueueCacheTests
{
    [Fact]
    public void A_partition_that_closes_counts_what_consumers_are_past_and_nothing_that_waits_for_its_consumer()
    {
        var cache = new LogQueueCache(100);
        cache.AddToCache([Batch("heard", 1), Batch("heard", 2), Batch("waiting", 3)]);
        using var cursor = (LogQueueCursor)cache.GetCacheCursor(Some.Stream("single", "heard"), null);
        Assert.True(cursor.MoveNext());
        Assert.True(cursor.MoveNext());
        Assert.Equal([1L], cache.PurgeHeard().Select(b => b.SequenceToken.SequenceNumber));
        Assert.True(cache.TryPurgeFromCache(out var unheard));
        Assert.Equal([3L], unheard.Select(b => b.SequenceToken.SequenceNumber));
    }

    [Fact]
    public void What_a_consumer_was_past_counts_although_its_cursor_is_gone_when_the_partition_closes()
    {
        var cache = new LogQueueCache(100);
        cache.AddToCache([Batch("heard", 1), Batch("heard", 2), Batch("heard", 3)]);
        var place = cache.GetCacheCursor(Some.Stream("single", "heard"), null);
        var cursor = (LogQueueCursor)cache.GetCacheCursor(Some.Stream("single", "heard"), null);
        place.Dispose();
        Assert.True(cursor.MoveNext() && cursor.MoveNext() && cursor.MoveNext());
        cursor.Dispose();
        Assert.Equal([1L, 2L], cache.PurgeHeard().Select(b => b.SequenceToken.SequenceNumber));
    }

    private static IBatchContainer Batch(string key, long offset) => new LogBatchContainer(Some.Stream("single", key), [Some.Record("r")], [offset], []);
}
