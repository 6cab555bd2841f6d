using System.Collections.Immutable;
using System.Text;
using Confluent.Kafka;
using FsCheck;
using FsCheck.Fluent;
using Orleans.Runtime;
using OrleansMl.Streams.Kafka;
using OrleansMl.Streams.Kafka.Records;
using OrleansMl.Streams.Tests.Support;
using Config = FsCheck.Config;

namespace OrleansMl.Streams.Tests.Kafka;

/// <summary>Between Kafka's messages and records, without a broker.</summary>
public sealed class KafkaRecordDecoderTests
{
    private const int MaxBytes = 4_096;
    private static readonly KafkaRecordEncoder Encoder = new("test", MaxBytes);
    private static readonly KafkaRecordDecoder Decoder = new("events", null, MaxBytes);

    [Fact]
    public void Every_record_comes_back_as_it_went()
    {
        var text = Gen.Elements("a", "b", "ä", "☂", "\U0001F600", " ", "/", "\0", "\"").NonEmptyListOf().Select(string.Concat);
        var maybe = Gen.OneOf(Gen.Constant<string?>(null), text.Select(t => (string?)t));
        var header = from name in Gen.Elements("x-a", "oml_ctx_User", "B3", "ce") from value in text select KeyValuePair.Create(name, value);
        var record = from id in text
                     from type in text
                     from key in maybe
                     from ticks in Gen.Choose(0, int.MaxValue)
                     from hasTime in Gen.Elements(true, false)
                     from subject in maybe
                     from trace in maybe
                     from contentType in text
                     from data in Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf()
                     from headers in header.ArrayOf()
                     select new StreamRecord
                     {
                         Id = id,
                         Type = type,
                         Key = key,
                         Time = hasTime ? Some.Noon.AddTicks(ticks) : null,
                         Subject = subject,
                         TraceParent = trace,
                         ContentType = contentType,
                         Data = data,
                         Headers = [.. headers],
                     };
        Prop.ForAll(record.ToArbitrary(), expected =>
        {
            var stream = Some.Stream("events", "shard-1");
            var back = Decode(Encoder.Encode(stream, expected));
            Assert.Null(back.Fault);
            Assert.Equal(stream, back.Stream);
            Some.Same(expected, back.Record);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Hostile_bytes_become_faults_and_never_exceptions()
    {
        string[] names = ["ce_specversion", "ce_id", "ce_type", "ce_time", "ce_subject", "ce_partitionkey", "content-type", "oml_stream", "traceparent", "", "x"];
        string[] pieces = ["1.0", "2.0", "{", "}", "[", "\"", "a", ":", ",", "\\ud800", "\\u0000", "1e999", "null", "application/cloudevents+json", "2026-03-01T12:00:00Z", "\"specversion\":\"1.0\"", "\"type\":\"t\"", "\"user\":{\"id\":", "\"data_base64\":\"*\"", "\"time\":\"\\udfff\""];
        var bytes = Gen.OneOf(
            Gen.Constant<byte[]?>(null),
            Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().Select(b => (byte[]?)b),
            Gen.Elements(pieces).ArrayOf().Select(p => (byte[]?)Encoding.UTF8.GetBytes(string.Concat(p))));
        var header = from name in Gen.Elements(names) from value in bytes select (name, value);
        var message = from key in bytes
                      from value in bytes
                      from length in Gen.Choose(0, 3 * MaxBytes)
                      from headers in header.ArrayOf()
                      from timestamp in Gen.Elements(long.MinValue, -1, 0, long.MaxValue)
                      select (Key: key, Value: new KafkaValue(value, value?.Length ?? length), Headers: headers, Timestamp: timestamp);
        var mapped = new KafkaRecordDecoder("events", new KafkaRecordMapping { Key = "user.id", Type = "type", Id = "$header:x", Time = "$timestamp", EntityType = "client" }, MaxBytes);
        Prop.ForAll(message.ToArbitrary(), m =>
        {
            var headers = new Headers();
            foreach (var (name, value) in m.Headers)
                headers.Add(name, value);
            foreach (var decoder in (KafkaRecordDecoder[])[Decoder, mapped])
            {
                var record = decoder.Decode(new KafkaMessage("t", 3, 17, m.Key, m.Value, headers, new Timestamp(m.Timestamp, TimestampType.CreateTime)));
                Assert.Equal(17, record.Offset);
                Assert.True(record.Fault is not null || (record.Record.Id.Length > 0 && record.Record.Type.Length > 0));
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    [Fact]
    public void A_message_that_is_no_CloudEvent_and_has_no_mapping_says_what_to_configure()
    {
        var record = Decode(Message("k", "{}"), new KafkaRecordDecoder("others", null, 1_000));
        Assert.Equal("no_type", record.Fault?.Reason);
        Assert.Contains("give topic 't' a Mapping", record.Fault!.Detail, StringComparison.Ordinal);
        Assert.Equal(("t/3/17", "k", "{}"), (record.Record.Id, record.Record.Key, Encoding.UTF8.GetString(record.Record.Data.Span)));
        Assert.Equal(StreamId.Create("others", "3"), record.Stream);
    }

    [Theory]
    [InlineData(OmlStreams.Events, "event")]
    [InlineData(OmlStreams.Outcomes, "outcome")]
    public void Without_attributes_and_mapping_an_event_or_outcome_is_whole_in_its_data(string ns, string type)
    {
        var record = Decode(Message("k", "{}"), new KafkaRecordDecoder(ns, null, 1_000));
        Assert.Null(record.Fault);
        Assert.Equal((type, OmlStreams.WholeContentType, "t/3/17"), (record.Record.Type, record.Record.ContentType, record.Record.Id));
    }

    [Theory]
    [InlineData("ce_specversion=0.3 ce_type=t ce_id=1", "k", "unparsable")]
    [InlineData("ce_specversion=1.0 ce_id=1", "k", "no_type")]
    [InlineData("ce_specversion=1.0 ce_type=t ce_id=1", null, "no_key")]
    [InlineData("ce_specversion=1.0 ce_type=t ce_id=1 oml_stream=s", null, null)]
    [InlineData("ce_specversion=1.0 ce_type=t ce_id=1 ce_partitionkey=p", null, null)]
    [InlineData("ce_specversion=1.0 ce_type=t", "k", null)]
    [InlineData("ce_specversion=1.0 ce_type=t ce_id=1 ce_time=yesterday", "k", "bad_time")]
    [InlineData("ce_specversion=1.0 ce_type=t ce_id=1 ce_time=2026-03-01T12:00:00", "k", "bad_time")]
    public void Faults_of_CloudEvents_in_binary_mode_have_their_reasons(string headers, string? key, string? reason)
    {
        var pairs = headers.Split(' ').Select(h => h.Split('=')).Select(h => (h[0], h[1])).ToArray();
        Assert.Equal(reason, Decode(Message(key, "{}", pairs)).Fault?.Reason);
    }

    [Fact]
    public void A_CloudEvent_in_structured_mode_is_taken_apart()
    {
        var record = Decode(Message("k", """{"specversion":"1.0","type":"view","id":"7","source":"/shop","subject":"client/1","time":"2026-03-01T12:00:00.123456789Z","datacontenttype":"application/json","data":{"a":1}}""", ("content-type", "application/cloudevents+json; charset=utf-8")));
        Assert.Null(record.Fault);
        Assert.Equal(("7", "view", "k", "client/1", Some.Noon.AddTicks(1_234_567)), (record.Record.Id, record.Record.Type, record.Record.Key, record.Record.Subject, record.Record.Time));
        Assert.Equal(("application/json", """{"a":1}"""), (record.Record.ContentType, Encoding.UTF8.GetString(record.Record.Data.Span)));
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","type":"t","id":"1","data_base64":"AQID"}""", "\u0001\u0002\u0003")]
    [InlineData("""{"specversion":"1.0","type":"t","id":"1","datacontenttype":"text/plain","data":"grüß"}""", "grüß")]
    [InlineData("""{"specversion":"1.0","type":"t","id":"1","data":"text"}""", "\"text\"")]
    [InlineData("""{"specversion":"1.0","type":"t","id":"1"}""", "")]
    public void Data_of_a_structured_CloudEvent_is_what_the_format_says(string value, string data)
    {
        var record = Decode(Message("k", value, ("content-type", "application/cloudevents+json")));
        Assert.Null(record.Fault);
        Assert.Equal(data, Encoding.UTF8.GetString(record.Record.Data.Span));
    }

    [Theory]
    [InlineData("""{"user":{"id":"a"},"n":5,"at":1772366400000}""", null, "5/a/2026-03-01T12:00:00Z")]
    [InlineData("""{"user":{"id":1.50},"n":"x","at":"2026-03-01T13:00:00+01:00"}""", null, "x/1.50/2026-03-01T12:00:00Z")]
    [InlineData("""{"user":{"id":true},"n":5,"at":0}""", "no_key", null)]
    [InlineData("""{"user":{"id":""},"n":5,"at":0}""", "no_key", null)]
    [InlineData("""{"user":"a","n":5,"at":0}""", "no_key", null)]
    [InlineData("""{"user":{"id":"a"},"at":0}""", "no_id", null)]
    [InlineData("""{"user":{"id":"a"},"n":5}""", "bad_time", null)]
    [InlineData("""{"user":{"id":"a"},"n":5,"at":99999999999999999}""", "bad_time", null)]
    [InlineData("""{"user":{"id":"a"},"n":5,"n":6,"at":0}""", "unparsable", null)]
    [InlineData("""{"user":{"id":"\ud800"},"n":5,"at":0}""", "unparsable", null)]
    [InlineData("""[1]""", "unparsable", null)]
    [InlineData("", "unparsable", null)]
    public void Foreign_JSON_is_read_through_its_mapping(string value, string? reason, string? expected)
    {
        var decoder = new KafkaRecordDecoder("events", new KafkaRecordMapping { Key = "user.id", Type = "$const:view", Id = "n", Time = "at" }, MaxBytes);
        var record = Decode(Message("ignored", value), decoder);
        Assert.Equal(reason, record.Fault?.Reason);
        if (expected is not null)
            Assert.Equal(expected, $"{record.Record.Id}/{record.Record.Key}/{StrictText.FormatTime(record.Record.Time!.Value)}");
    }

    [Fact]
    public void A_mapping_may_take_key_and_headers_and_the_timestamp()
    {
        var decoder = new KafkaRecordDecoder("events", new KafkaRecordMapping { Type = "$header:kind", Id = "$header:id", Time = "$timestamp", EntityType = "client" }, MaxBytes);
        var record = Decode(Message("a/b", "{}", ("kind", "view"), ("id", "9")), decoder);
        Assert.Null(record.Fault);
        Assert.Equal(("9", "view", new EntityId("client", "a/b").ToGrainKey(), "client/a/b", Some.Noon), (record.Record.Id, record.Record.Type, record.Record.Key, record.Record.Subject, record.Record.Time));
        Assert.Equal("bad_key", Decode(Message(new string('k', 257), "{}", ("kind", "view"), ("id", "9")), decoder).Fault?.Reason);
    }

    [Fact]
    public void A_record_that_cannot_be_written_is_refused_by_name()
    {
        var stream = Some.Stream("events", "s");
        Refused(Some.Record("1") with { Headers = [new("ce_type", "x")] }, "header 'ce_type'");
        Refused(Some.Record("1") with { Headers = [new("oml_stream", "x")] }, "header 'oml_stream'");
        Refused(Some.Record("1", key: ""), "empty key");
        Refused(Some.Record("", key: "k"), "no id");
        Refused(Some.Record("1", type: ""), "no type");
        Refused(Some.Record("1", key: "\ud800"), "lone surrogate");
        Refused(Some.Record("1", data: new string('x', MaxBytes + 1)), "MaxRecordBytes");

        void Refused(StreamRecord record, string why) =>
            Assert.Contains(why, Assert.Throws<ArgumentException>(() => Encoder.Encode(stream, record)).Message, StringComparison.Ordinal);
    }

    private static Message<byte[], byte[]> Message(string? key, string value, params (string Name, string Value)[] headers)
    {
        var message = new Message<byte[], byte[]> { Key = key is null ? null! : Encoding.UTF8.GetBytes(key), Value = Encoding.UTF8.GetBytes(value), Headers = [] };
        foreach (var (name, text) in headers)
            message.Headers.Add(name, Encoding.UTF8.GetBytes(text));
        return message;
    }

    private static LogRecord Decode(Message<byte[], byte[]> message, KafkaRecordDecoder? decoder = null) =>
        (decoder ?? Decoder).Decode(new KafkaMessage("t", 3, 17, message.Key, new KafkaValue(message.Value, message.Value.Length), message.Headers, new Timestamp(Some.Noon)));
}
