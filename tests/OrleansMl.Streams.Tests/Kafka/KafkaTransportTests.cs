using System.Text;
using Confluent.Kafka;
using Orleans.Runtime;
using OrleansMl.Streams.Kafka;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Kafka;

/// <summary>Appending to a real broker, and what lies there afterwards.</summary>
[Collection(KafkaCollection.Name)]
public sealed class KafkaTransportTests(KafkaBroker broker)
{
    [SkippableFact]
    public async Task A_record_comes_back_with_all_its_attributes_and_headers()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport();
        var stream = Some.Stream(OmlStreams.Events, "shard-7");
        var bare = Some.Record("e-2");
        await transport.AppendAsync(stream, [Some.Full(), bare], CancellationToken.None);
        var records = await Arrive.ReadAsync(await test.ReaderAsync(transport), 2);
        Assert.All(records, record => Assert.Equal((stream, (LogFault?)null), (record.Stream, record.Fault)));
        Some.Same(Some.Full(), records[0].Record);
        Some.Same(bare, records[1].Record);
        Assert.Equal([0L, 1L], records.Select(r => r.Offset));
    }

    [SkippableFact]
    public async Task A_record_lies_in_Kafka_as_a_CloudEvent_in_binary_mode()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        await test.Transport().AppendAsync(Some.Stream(OmlStreams.Events, "shard-7"), [Some.Full()], CancellationToken.None);
        var message = test.ReadRaw(test.Events, 1, 1)[0].Message;
        Assert.Equal("client:42", Encoding.UTF8.GetString(message.Key));
        Assert.Equal(Some.Full().Data.ToArray(), message.Value);
        Assert.Equal(TimestampType.LogAppendTime, message.Timestamp.Type);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["ce_specversion"] = "1.0",
                ["ce_id"] = "e-1",
                ["ce_type"] = "purchase",
                ["ce_source"] = "orleansml",
                ["ce_time"] = "2026-03-01T12:00:00.1234567Z",
                ["ce_subject"] = "client/42",
                ["content-type"] = "application/json; charset=utf-8",
                ["traceparent"] = Some.Full().TraceParent!,
                ["oml_stream"] = "shard-7",
                ["x-one"] = "again",
                ["x-two"] = "zwei ☂",
            }.OrderBy(h => h.Key),
            message.Headers.GroupBy(h => h.Key).Select(h => KeyValuePair.Create(h.Key, Encoding.UTF8.GetString(h.Last().GetValueBytes()))).OrderBy(h => h.Key));
    }

    [SkippableFact]
    public async Task Order_of_a_key_is_kept_while_many_producers_append()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport(partitions: 3);
        var keys = Enumerable.Range(0, 12).Select(k => $"client:{k}").ToList();
        await Task.WhenAll(keys.Select(async key =>
        {
            for (var from = 0; from < 200; from += 20)
                await transport.AppendAsync(Some.Stream(OmlStreams.Events, "all"), Some.Records(20, key, from), CancellationToken.None);
        }));
        var seen = test.ReadRaw(test.Events, 3, 12 * 200).GroupBy(m => Encoding.UTF8.GetString(m.Message.Key));
        foreach (var key in seen)
        {
            Assert.Single(key.Select(m => m.Partition.Value).Distinct());
            Assert.Equal(Enumerable.Range(0, 200).Select(Some.Number), key.OrderBy(m => m.Offset.Value).Select(m => Encoding.UTF8.GetString(m.Message.Headers.GetLastBytes("ce_id"))));
        }

        Assert.Equal(12, seen.Count());
    }

    /// <summary>Hashes as published with the Java client: org.apache.kafka.common.utils.UtilsTest.testMurmur2.</summary>
    [SkippableFact]
    public async Task Keys_choose_partitions_as_the_Java_client_does()
    {
        broker.Require();
        var hashes = new Dictionary<string, int>
        {
            ["21"] = -973932308,
            ["foobar"] = -790332482,
            ["a-little-bit-long-string"] = -985981536,
            ["a-little-bit-longer-string"] = -1486304829,
            ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"] = -58897971,
            ["abc"] = 479470107,
        };
        await using var test = new KafkaCase(broker);
        var transport = test.Transport(partitions: 7);
        foreach (var key in hashes.Keys)
            await transport.AppendAsync(Some.Stream(OmlStreams.Events, "all"), [Some.Record("1", key)], CancellationToken.None);
        var partitions = test.ReadRaw(test.Events, 7, hashes.Count).ToDictionary(m => Encoding.UTF8.GetString(m.Message.Key), m => m.Partition.Value);
        Assert.Equal(hashes.ToDictionary(h => h.Key, h => (h.Value & 0x7fffffff) % 7), partitions);
    }

    [SkippableFact]
    public async Task Keys_choose_partitions_as_librdkafka_does_where_that_is_asked_for()
    {
        broker.Require();
        // The check value of CRC-32/ISO-HDLC.
        const uint Crc32Of123456789 = 0xCBF43926;
        await using var test = new KafkaCase(broker);
        await test.Transport(partitions: 7, o => o.Partitioner = KafkaPartitioner.Librdkafka)
            .AppendAsync(Some.Stream(OmlStreams.Events, "all"), [Some.Record("1", "123456789")], CancellationToken.None);
        Assert.Equal((int)(Crc32Of123456789 % 7), test.ReadRaw(test.Events, 7, 1)[0].Partition.Value);
    }

    [SkippableFact]
    public async Task A_topic_of_another_partition_count_is_an_error_that_names_both_counts()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        await test.Transport(partitions: 2).EnsureTopicsAsync(CancellationToken.None);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => test.Transport(partitions: 3).EnsureTopicsAsync(CancellationToken.None));
        Assert.Contains($"'{test.Events}' has 2 partitions, but 3 are configured. Set Partitions to 2", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_absent_topic_is_an_error_where_topics_are_not_created()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => test.Transport(configure: o => o.CreateTopics = false).EnsureTopicsAsync(CancellationToken.None));
        Assert.Contains($"'{test.Events}' (1 partitions)", error.Message, StringComparison.Ordinal);
        Assert.Contains("Create it, or set CreateTopics", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Silos_that_start_together_create_the_topics_once()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transports = Enumerable.Range(0, 4).Select(_ => test.Transport(partitions: 2)).ToList();
        await Task.WhenAll(transports.Select(t => t.EnsureTopicsAsync(CancellationToken.None)));
    }

    [SkippableFact]
    public async Task Settings_of_the_client_pass_through_so_that_a_broker_may_ask_for_a_password()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        void Sasl(KafkaStreamOptions options, string password)
        {
            options.BootstrapServers = broker.SaslAddress;
            options.RequestTimeout = TimeSpan.FromSeconds(10);
            options.Client["security.protocol"] = "sasl_plaintext";
            options.Client["sasl.mechanism"] = "PLAIN";
            options.Client["sasl.username"] = KafkaBroker.User;
            options.Client["sasl.password"] = password;
        }

        var transport = test.Transport(configure: o => Sasl(o, KafkaBroker.Password));
        await transport.AppendAsync(Some.Stream(OmlStreams.Events, "all"), [Some.Record("1", "k")], CancellationToken.None);
        Assert.Equal("1", (await Arrive.ReadAsync(await test.ReaderAsync(transport), 1))[0].Record.Id);
        var stranger = test.Transport(configure: o =>
        {
            Sasl(o, "guess");
            o.RequestTimeout = TimeSpan.FromSeconds(1);
        });
        await Assert.ThrowsAsync<IOException>(() => stranger.EnsureTopicsAsync(CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_record_that_the_topic_does_not_take_is_refused_with_the_remedy()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        await test.Transport(configure: o => o.MaxRecordBytes = 1_000).EnsureTopicsAsync(CancellationToken.None);
        var transport = test.Transport();
        var error = await Assert.ThrowsAsync<ArgumentException>(() => transport.AppendAsync(Some.Stream(OmlStreams.Events, "all"), Some.Records(1, "k", bytes: 500_000), CancellationToken.None));
        Assert.Contains("max.message.bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_fails_an_append_within_its_bound()
    {
        var options = new KafkaStreamOptions { BootstrapServers = "127.0.0.1:1", RequestTimeout = TimeSpan.FromMilliseconds(300), AppendTimeout = TimeSpan.FromMilliseconds(300) };
        await using var transport = new KafkaTransport(options);
        var error = await Assert.ThrowsAsync<IOException>(() => transport.AppendAsync(Some.Stream(OmlStreams.Events, "all"), [Some.Record("1")], CancellationToken.None));
        Assert.Contains("Kafka at 127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_that_is_not_configured_is_named()
    {
        await using var transport = new KafkaTransport(new KafkaStreamOptions { BootstrapServers = "127.0.0.1:1" });
        var error = await Assert.ThrowsAsync<ArgumentException>(() => transport.AppendAsync(StreamId.Create("weather", "all"), [Some.Record("1")], CancellationToken.None));
        Assert.Contains("'weather' (it carries: events, examples, outcomes, predictions)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_are_those_of_topics_that_streams_consume_in_the_order_of_their_numbers()
    {
        var options = new KafkaStreamOptions { BootstrapServers = "127.0.0.1:1" };
        options.Topics[OmlStreams.Events].Partitions = 11;
        options.Topics[OmlStreams.Outcomes].Partitions = 2;
        options.Topics[OmlStreams.Examples].Consume = KafkaConsume.Bulk;
        options.Topics[OmlStreams.Predictions].Consume = KafkaConsume.None;
        await using var transport = new KafkaTransport(options);
        Assert.Equal(Enumerable.Range(0, 11).Select(p => $"oml.events/{p}").Concat(["oml.outcomes/0", "oml.outcomes/1"]), transport.Partitions);
        var error = Assert.Throws<ArgumentException>(() => transport.OpenReader("oml.examples/0"));
        Assert.Contains("reads no partition 'oml.examples/0'", error.Message, StringComparison.Ordinal);
    }
}
