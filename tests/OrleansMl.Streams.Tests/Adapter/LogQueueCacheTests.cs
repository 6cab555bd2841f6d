using Orleans.Streams;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Adapter;

public sealed class LogQueueCacheTests
{
    [Fact]
    public void A_partition_that_closes_counts_what_consumers_are_past_and_nothing_that_waits_for_its_consumer()
    {
        var cache = new LogQueueCache(100, TimeSpan.FromMinutes(1));
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
        var cache = new LogQueueCache(100, TimeSpan.FromMinutes(1));
        cache.AddToCache([Batch("heard", 1), Batch("heard", 2), Batch("heard", 3)]);
        var place = cache.GetCacheCursor(Some.Stream("single", "heard"), null);
        var cursor = (LogQueueCursor)cache.GetCacheCursor(Some.Stream("single", "heard"), null);
        place.Dispose();
        Assert.True(cursor.MoveNext() && cursor.MoveNext() && cursor.MoveNext());
        cursor.Dispose();
        Assert.Equal([1L, 2L], cache.PurgeHeard().Select(b => b.SequenceToken.SequenceNumber));
    }

    [Fact]
    public void A_delivery_given_up_before_its_time_is_neither_heard_nor_failed_and_is_offered_again()
    {
        var cache = new LogQueueCache(100, TimeSpan.FromMinutes(1));
        cache.AddToCache([Batch("heard", 1), Batch("heard", 2)]);
        var cursor = (LogQueueCursor)cache.GetCacheCursor(Some.Stream("single", "heard"), null);
        Assert.True(cursor.MoveNext());
        cursor.RecordDeliveryFailure();
        Assert.Null(cache.FindFailed(Some.Stream("single", "heard"), 1));
        Assert.True(cursor.MoveNext());
        Assert.Equal(1, cursor.GetCurrent(out _).SequenceToken.SequenceNumber);
        Assert.NotNull(cache.FindFailed(Some.Stream("single", "heard"), 1));
        cursor.RecordDeliveryFailure();
        cursor.Dispose();
        Assert.Empty(cache.PurgeHeard());
    }

    [Fact]
    public void A_delivery_that_failed_until_its_time_was_over_is_passed()
    {
        var cache = new LogQueueCache(100, TimeSpan.Zero);
        cache.AddToCache([Batch("heard", 1), Batch("heard", 2)]);
        using var cursor = (LogQueueCursor)cache.GetCacheCursor(Some.Stream("single", "heard"), null);
        Assert.True(cursor.MoveNext());
        cursor.RecordDeliveryFailure();
        Assert.NotNull(cache.FindFailed(Some.Stream("single", "heard"), 1));
        Assert.True(cursor.MoveNext());
        Assert.Equal(2, cursor.GetCurrent(out _).SequenceToken.SequenceNumber);
    }

    private static IBatchContainer Batch(string key, long offset) => new LogBatchContainer(Some.Stream("single", key), [Some.Record("r")], [offset], []);
}
