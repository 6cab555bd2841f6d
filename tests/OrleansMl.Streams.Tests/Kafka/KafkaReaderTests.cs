using System.Text;
using Confluent.Kafka;
using OrleansMl.Streams.Kafka;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Kafka;

/// <summary>Reading from a real broker: positions, bounds, what a producer that is not ours may do.</summary>
[Collection(KafkaCollection.Name)]
public sealed class KafkaReaderTests(KafkaBroker broker)
{
    private static readonly Orleans.Runtime.StreamId All = Some.Stream(OmlStreams.Events, "all");

    [SkippableFact]
    public async Task A_new_reader_goes_on_exactly_at_the_stored_position()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport();
        await transport.AppendAsync(All, Some.Records(100), CancellationToken.None);
        await using (var first = await test.ReaderAsync(transport))
        {
            Assert.Equal(new LogPosition(-1, 0, 100), first.Position);
            await Arrive.ReadAsync(first, 70);
            await first.CommitAsync(40, CancellationToken.None);
            Assert.Equal(new LogPosition(40, 70, 100), first.Position);
            Assert.Equal(60, first.Position.Lag);
        }

        // Another process.
        var second = await test.ReaderAsync(test.Transport());
        Assert.Equal(40, second.Position.Committed);
        var rest = await Arrive.ReadAsync(second, 60);
        Assert.Equal(Enumerable.Range(40, 60).Select(Some.Number), rest.Select(r => r.Record.Id));
        Assert.Empty(await second.ReadAsync(10, TimeSpan.FromMilliseconds(200), CancellationToken.None));
    }

    [SkippableFact]
    public async Task Position_follows_the_end_while_nobody_reads()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport();
        var reader = await test.ReaderAsync(transport);
        Assert.Equal(new LogPosition(-1, 0, 0), reader.Position);
        await transport.AppendAsync(All, Some.Records(30), CancellationToken.None);
        await Arrive.UntilAsync(() => reader.Position == new LogPosition(-1, 0, 30), "the end");
        Assert.Equal(30, reader.Position.Lag);
    }

    [SkippableFact]
    public async Task A_reader_that_begins_at_the_end_stores_that_at_once()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport(configure: o => o.StartAt = KafkaStartAt.Latest);
        await transport.AppendAsync(All, Some.Records(5), CancellationToken.None);
        await using (var first = await test.ReaderAsync(transport))
            Assert.Equal(5, first.Position.Committed);
        await transport.AppendAsync(All, Some.Records(1, from: 5), CancellationToken.None);
        Assert.Equal(Some.Number(5), (await Arrive.ReadAsync(await test.ReaderAsync(transport), 1))[0].Record.Id);
    }

    [SkippableFact]
    public async Task A_reader_that_nobody_drains_holds_a_bounded_number_of_bytes_and_gives_all_of_it_later()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        const int Bound = 256 << 10;
        var transport = test.Transport(configure: o => (o.QueueMaxBytes, o.FetchMaxBytes) = (Bound, 64 << 10));
        await transport.AppendAsync(All, Some.Records(4_000, bytes: 2_000), CancellationToken.None);
        var reader = await test.ReaderAsync(transport);
        await Arrive.UntilAsync(() => reader.WaitingBytes >= Bound, "a full queue");
        var most = 0L;
        var records = new List<LogRecord>();
        while (records.Count < 4_000)
        {
            records.AddRange(await Arrive.ReadAsync(reader, Math.Min(50, 4_000 - records.Count)));
            most = Math.Max(most, reader.WaitingBytes);
        }

        Assert.InRange(most, 1, Bound + 4_096);
        Assert.Equal(Enumerable.Range(0, 4_000).Select(Some.Number), records.Select(r => r.Record.Id));
    }

    [SkippableFact]
    public async Task Rewind_sets_the_stored_position_by_offset_and_by_time()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport();
        var partition = transport.Partitions[0];
        await transport.AppendAsync(All, Some.Records(10), CancellationToken.None);
        var tenth = test.ReadRaw(test.Events, 1, 10)[^1].Message.Timestamp.UtcDateTime;
        // Timestamps have milliseconds: the next append must fall into another one.
        await Arrive.UntilAsync(() => DateTime.UtcNow > tenth.AddMilliseconds(2), "the next millisecond");
        await transport.AppendAsync(All, Some.Records(10, from: 10), CancellationToken.None);
        var cases = new (LogStart Start, long Expected)[]
        {
            (LogStart.AtOffset(7), 7),
            (LogStart.AtTime(tenth.AddMilliseconds(1)), 10),
            (LogStart.AtTime(DateTime.UtcNow.AddHours(1)), 20),
            (LogStart.Earliest, 0),
        };
        foreach (var (start, expected) in cases)
        {
            await transport.RewindAsync(partition, start, CancellationToken.None);
            await using var reader = await test.ReaderAsync(transport);
            Assert.Equal(expected, reader.Position.Committed);
            if (expected < 20)
                Assert.Equal(Some.Number((int)expected), (await Arrive.ReadAsync(reader, 1))[0].Record.Id);
        }

        var error = await Assert.ThrowsAsync<ArgumentException>(() => transport.RewindAsync(partition, LogStart.AtOffset(21), CancellationToken.None));
        Assert.Contains("ends at 20", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_value_of_ten_megabytes_is_a_fault_and_those_around_it_are_read()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        await test.Admin.CreateTopicsAsync([new() { Name = test.Events, NumPartitions = 1, ReplicationFactor = 1, Configs = new() { ["max.message.bytes"] = $"{32 << 20}" } }]);
        var transport = test.Transport();
        await transport.AppendAsync(All, [Some.Record("before")], CancellationToken.None);
        using (var producer = test.Producer())
            await producer.ProduceAsync(test.Events, new() { Key = "k"u8.ToArray(), Value = new byte[10 << 20] });
        await transport.AppendAsync(All, [Some.Record("after")], CancellationToken.None);
        var records = await Arrive.ReadAsync(await test.ReaderAsync(transport), 3);
        Assert.Equal([null, "too_large", null], records.Select(r => r.Fault?.Reason));
        Assert.Equal((0, "k", $"{test.Events}/0/1"), (records[1].Record.Data.Length, records[1].Record.Key, records[1].Record.Id));
        Assert.Contains($"{10 << 20} bytes", records[1].Fault!.Detail, StringComparison.Ordinal);
        Assert.Equal("after", records[2].Record.Id);
    }

    [SkippableFact]
    public async Task Offsets_that_retention_deleted_are_passed_over_at_the_start_and_while_reading()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport(configure: o => (o.QueueMaxBytes, o.FetchMaxBytes) = (16 << 10, 16 << 10));
        // One batch each: a batch is fetched as a whole.
        foreach (var record in Some.Records(200, bytes: 2_000))
            await transport.AppendAsync(All, [record], CancellationToken.None);
        await transport.RewindAsync(transport.Partitions[0], LogStart.AtOffset(5), CancellationToken.None);
        await DeleteBelowAsync(20);
        var reader = await test.ReaderAsync(transport);
        Assert.Equal(20, (await Arrive.ReadAsync(reader, 1))[0].Offset);
        await Arrive.UntilAsync(() => reader.WaitingBytes >= 16 << 10, "a full queue");
        await DeleteBelowAsync(180);
        var offsets = new List<long>();
        while (offsets.Count == 0 || offsets[^1] < 199)
            offsets.AddRange((await Arrive.ReadAsync(reader, 1)).Select(r => r.Offset));
        Assert.Equal(offsets.Order(), offsets);
        // What was fetched before is still delivered; between it and 180 there is the gap.
        Assert.Equal(Enumerable.Range(180, 20).Select(i => (long)i), offsets.Where(o => o >= 180));
        Assert.InRange(offsets.Count, 20, 100);

        Task DeleteBelowAsync(long offset) => test.Admin.DeleteRecordsAsync([new(test.Events, 0, offset)]);
    }

    [SkippableFact]
    public async Task A_stored_position_beyond_the_end_of_the_log_begins_at_its_start_again()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport();
        await transport.AppendAsync(All, Some.Records(3), CancellationToken.None);
        await using (var first = await test.ReaderAsync(transport))
            await first.CommitAsync(50, CancellationToken.None);
        var records = await Arrive.ReadAsync(await test.ReaderAsync(transport), 3);
        Assert.Equal([0L, 1L, 2L], records.Select(r => r.Offset));
    }

    [SkippableFact]
    public async Task Records_of_an_aborted_transaction_are_not_delivered()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport();
        await transport.AppendAsync(All, [Some.Record("before")], CancellationToken.None);
        using (var producer = test.Producer(p => p.TransactionalId = test.Prefix))
        {
            producer.InitTransactions(Arrive.Limit);
            producer.BeginTransaction();
            await producer.ProduceAsync(test.Events, new() { Key = "k"u8.ToArray(), Value = "{}"u8.ToArray() });
            producer.AbortTransaction();
        }

        await transport.AppendAsync(All, [Some.Record("after")], CancellationToken.None);
        var records = await Arrive.ReadAsync(await test.ReaderAsync(transport), 2);
        Assert.Equal(["before", "after"], records.Select(r => r.Record.Id));
    }

    [SkippableFact]
    public async Task A_foreign_producers_JSON_becomes_records_and_its_mistakes_faults()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport(configure: o => o.Topics[OmlStreams.Events].Mapping = new() { Key = "user.id", Type = "kind", Time = "at", EntityType = "client" });
        await transport.EnsureTopicsAsync(CancellationToken.None);
        using (var producer = test.Producer())
        {
            foreach (var value in new[] { """{"user":{"id":42},"kind":"view","at":"2026-03-01T13:00:00+01:00"}""", "{", """{"kind":"view"}""", """{"user":{"id":"a"},"kind":"view","at":"soon"}""" })
                await producer.ProduceAsync(test.Events, new() { Key = null!, Value = Encoding.UTF8.GetBytes(value) });
        }

        var records = await Arrive.ReadAsync(await test.ReaderAsync(transport), 4);
        Assert.Equal([null, "unparsable", "no_key", "bad_time"], records.Select(r => r.Fault?.Reason));
        var first = records[0].Record;
        Assert.Equal(("client:42", "client/42", "view", $"{test.Events}/0/0", Some.Noon), (first.Key, first.Subject, first.Type, first.Id, first.Time));
        Assert.All(records, r => Assert.Equal(Some.Stream(OmlStreams.Events, "0"), r.Stream));
    }

    [SkippableFact]
    public async Task An_unchanged_position_is_stored_again_before_the_broker_forgets_it()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport(configure: o => o.PositionRefresh = TimeSpan.FromSeconds(1));
        await transport.AppendAsync(All, Some.Records(3), CancellationToken.None);
        var reader = await test.ReaderAsync(transport);
        await reader.CommitAsync(2, CancellationToken.None);
        // As the broker's retention of positions would.
        await test.Admin.DeleteConsumerGroupOffsetsAsync(test.Prefix, [new(test.Events, 0)]);
        await Arrive.UntilAsync(
            async () =>
            {
                var stored = await test.Admin.ListConsumerGroupOffsetsAsync([new(test.Prefix, [new(test.Events, 0)])]);
                return stored[0].Partitions[0].Offset.Value == 2;
            },
            "the position to be there again");
    }
}
