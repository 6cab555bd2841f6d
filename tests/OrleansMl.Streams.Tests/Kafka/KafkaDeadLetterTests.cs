using System.Text;
using OrleansMl.Storage;
using OrleansMl.Streams.Kafka;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Kafka;

/// <summary>Dead letters in the topics beside.</summary>
[Collection(KafkaCollection.Name)]
public sealed class KafkaDeadLetterTests(KafkaBroker broker)
{
    [SkippableFact]
    public async Task Dead_letters_lie_in_the_topic_beside_with_why_and_whence()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        var transport = test.Transport();
        var sink = new KafkaDeadLetterSink(transport);
        var letter = new DeadLetter
        {
            Id = "0195",
            Source = $"kafka:{test.Events}/0@7",
            Namespace = OmlStreams.Events,
            Key = "client:42",
            Type = "view",
            RecordId = "e-7",
            Reason = "unparsable",
            Detail = new string('d', 10_000),
            Created = Some.Noon,
            Payload = "{"u8.ToArray(),
        };
        await sink.WriteAsync([letter, letter with { Id = "0196", RecordId = "", Type = "" }], CancellationToken.None);
        var there = test.ReadRaw($"{test.Events}.dlq", 1, 2);
        Assert.Equal("{", Encoding.UTF8.GetString(there[0].Message.Value));
        Assert.Equal("client:42", Encoding.UTF8.GetString(there[0].Message.Key));
        Assert.Equal(
            [("ce_id", "e-7"), ("ce_type", "view"), ("oml_detail", new string('d', 4_096)), ("oml_letter", "0195"), ("oml_reason", "unparsable"), ("oml_source", letter.Source)],
            there[0].Message.Headers.Select(h => (h.Key, Encoding.UTF8.GetString(h.GetValueBytes()))).Order());
        Assert.Equal(4, there[1].Message.Headers.Count);
        await Assert.ThrowsAsync<ArgumentException>(() => sink.WriteAsync([letter with { Namespace = "weather" }], CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_dead_letter_that_its_topic_does_not_take_goes_there_without_its_data()
    {
        broker.Require();
        await using var test = new KafkaCase(broker);
        await test.Transport(configure: o => o.MaxRecordBytes = 1_000).EnsureTopicsAsync(CancellationToken.None);
        var letter = new DeadLetter { Id = "1", Source = "s", Namespace = OmlStreams.Events, Reason = "r", Detail = "d", Created = Some.Noon, Payload = new byte[500_000] };
        await new KafkaDeadLetterSink(test.Transport()).WriteAsync([letter], CancellationToken.None);
        var there = test.ReadRaw($"{test.Events}.dlq", 1, 1)[0].Message;
        Assert.Empty(there.Value);
        Assert.Equal("500000 bytes", Encoding.UTF8.GetString(there.Headers.GetLastBytes("oml_payload_dropped")));
    }
}
