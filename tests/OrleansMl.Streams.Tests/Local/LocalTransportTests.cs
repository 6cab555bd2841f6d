using OrleansMl.Storage;
using OrleansMl.Storage.Embedded;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Local;

public sealed class LocalTransportTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_record_comes_out_as_it_went_in_with_its_place_in_the_stream()
    {
        using var store = _folder.Open(queues: 1);
        var (transport, reader) = await OpenAsync(store);
        await transport.AppendAsync(Some.Stream("events", "s1"), [Some.Full(), Some.Record("b")], default);
        var read = await reader.ReadAsync(10, TimeSpan.Zero, default);
        Assert.Equal([0L, 1L], read.Select(r => r.Offset));
        Assert.Equal([1L, 2L], read.Select(r => StreamSequence.Of(r.Record)!.Value));
        Assert.All(read, r => Assert.Equal(Some.Stream("events", "s1"), r.Stream));
        Some.Same(StreamSequence.With(Some.Full(), 1), read[0].Record);
    }

    [Fact]
    public void Partitions_are_the_queues_of_the_store_and_a_producer_has_none()
    {
        using var store = _folder.Open(queues: 3);
        Assert.Equal(["queue/0", "queue/1", "queue/2"], new LocalTransport(store.Streams).Partitions);
        Assert.Empty(new LocalTransport(store.Streams, isProducerOnly: true).Partitions);
        Assert.Contains("queue/0 to queue/2", Assert.Throws<ArgumentException>(() => new LocalTransport(store.Streams).OpenReader("queue/3")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_begins_where_the_last_one_committed_also_in_another_process()
    {
        using (var store = _folder.Open(queues: 1))
        {
            var (transport, reader) = await OpenAsync(store);
            await transport.AppendAsync(Some.Stream("events", "s1"), Some.Records(10), default);
            Assert.Equal(new LogPosition(-1, 0, 0), reader.Position);
            await reader.ReadAsync(6, TimeSpan.Zero, default);
            Assert.Equal(new LogPosition(-1, 6, 10), reader.Position);
            await reader.CommitAsync(4, default);
            Assert.Equal((4, 6), (reader.Position.Committed, reader.Position.Lag));
        }

        using var again = _folder.Open();
        var (_, next) = await OpenAsync(again);
        Assert.Equal(Enumerable.Range(4, 6).Select(i => (long)i), (await next.ReadAsync(100, TimeSpan.Zero, default)).Select(r => r.Offset));
    }

    [Fact]
    public async Task A_late_commit_of_one_reader_does_not_take_back_what_another_committed()
    {
        using var store = _folder.Open(queues: 1);
        var (transport, first) = await OpenAsync(store);
        var (_, second) = await OpenAsync(store);
        await transport.AppendAsync(Some.Stream("events", "s1"), Some.Records(10), default);
        await first.CommitAsync(9, default);
        await second.CommitAsync(3, default);
        Assert.Equal((9, 9), (first.Position.Committed, second.Position.Committed));
    }

    [Fact]
    public async Task A_partition_is_rewound_by_offset_and_by_time()
    {
        using var store = _folder.Open(queues: 1);
        var (transport, reader) = await OpenAsync(store);
        await transport.AppendAsync(Some.Stream("events", "s1"), Some.Records(5), default);
        await reader.CommitAsync(5, default);
        await transport.RewindAsync("queue/0", LogStart.AtOffset(2), default);
        await reader.InitializeAsync(default);
        Assert.Equal(2, (await reader.ReadAsync(1, TimeSpan.Zero, default))[0].Offset);
        await transport.RewindAsync("queue/0", LogStart.AtTime(DateTime.UtcNow.AddMinutes(1)), default);
        await reader.InitializeAsync(default);
        Assert.Equal(5, reader.Position.Next);
        await transport.RewindAsync("queue/0", LogStart.AtTime(DateTime.UtcNow.AddMinutes(-1)), default);
        await reader.InitializeAsync(default);
        Assert.Equal(0, reader.Position.Next);
    }

    [Fact]
    public async Task What_is_no_record_comes_as_a_fault_with_its_bytes_and_holds_up_nothing()
    {
        using var store = _folder.Open(queues: 1);
        var (transport, reader) = await OpenAsync(store);
        await store.Streams.AppendAsync([new StreamAppend("events", "s1", new byte[] { 99, 1 })]);
        await transport.AppendAsync(Some.Stream("events", "s1"), [Some.Record("good")], default);
        var read = await reader.ReadAsync(10, TimeSpan.Zero, default);
        Assert.Equal(("unparsable", null), (read[0].Fault?.Reason, read[1].Fault?.Reason));
        Assert.Equal([99, 1], read[0].Record.Data.ToArray());
        Assert.Equal("good", read[1].Record.Id);
    }

    [Fact]
    public async Task A_reader_that_waits_is_woken_by_the_append()
    {
        using var store = _folder.Open(queues: 1);
        var (transport, reader) = await OpenAsync(store);
        var waiting = reader.ReadAsync(10, TimeSpan.FromSeconds(20), default).AsTask();
        await transport.AppendAsync(Some.Stream("events", "s1"), [Some.Record("a")], default);
        Assert.Equal("a", Assert.Single(await waiting.WaitAsync(TimeSpan.FromSeconds(10))).Record.Id);
    }

    private static async Task<(LocalTransport, ILogReader)> OpenAsync(EmbeddedStore store)
    {
        var transport = new LocalTransport(store.Streams);
        var reader = transport.OpenReader("queue/0");
        await reader.InitializeAsync(default);
        return (transport, reader);
    }
}
