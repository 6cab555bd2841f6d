using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Local;

public sealed class StreamRecordCodecTests
{
    [Fact]
    public void A_record_is_the_same_after_the_way_through_bytes_with_or_without_each_attribute()
    {
        var text = Gen.Elements("", "a", "client/42", "ü\0☂", new string('x', 300));
        var attribute = Gen.OneOf(Gen.Constant<string?>(null), text.Select(t => (string?)t));
        var record = from id in text
                     from type in text
                     from key in attribute
                     from subject in attribute
                     from trace in attribute
                     from ticks in Gen.Choose(-1, 1_000_000)
                     from content in Gen.Elements("application/json", "application/json; charset=utf-8", "")
                     from data in Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf()
                     from headers in text.Zip(text).ArrayOf()
                     select new StreamRecord
                     {
                         Id = id,
                         Type = type,
                         Key = key,
                         Subject = subject,
                         TraceParent = trace,
                         Time = ticks < 0 ? null : Some.Noon.AddTicks(ticks),
                         ContentType = content,
                         Data = data,
                         Headers = [.. headers.Select(h => KeyValuePair.Create(h.Item1, h.Item2))],
                     };
        Prop.ForAll(record.ToArbitrary(), r => Some.Same(r, StreamRecordCodec.Decode(StreamRecordCodec.Encode(r), 7)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Data_without_an_envelope_is_a_record_too_under_its_sequence()
    {
        var record = StreamRecordCodec.Decode(new byte[] { 1, 2, 3 }, 42);
        Assert.Equal(("42", "example"), (record.Id, record.Type));
        Assert.Equal([1, 2, 3], record.Data.ToArray());
    }

    [Fact]
    public void Whatever_is_cut_off_or_damaged_is_refused_and_nothing_else_happens()
    {
        var whole = StreamRecordCodec.Encode(Some.Full());
        var random = new Random(1);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = whole[..random.Next(whole.Length)];
            if (bytes.Length > 1 && i % 2 == 0)
                bytes[random.Next(1, bytes.Length)] = (byte)random.Next(256);
            try
            {
                StreamRecordCodec.Decode(bytes, 1);
            }
            catch (InvalidDataException)
            {
            }
        }

        Assert.Contains("format 9", Assert.Throws<InvalidDataException>(() => StreamRecordCodec.Decode(new byte[] { 9 }, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => StreamRecordCodec.Decode(default, 1));
    }

    [Fact]
    public void Text_that_is_not_valid_is_refused_when_it_is_written() =>
        Assert.ThrowsAny<ArgumentException>(() => StreamRecordCodec.Encode(Some.Record("\ud800")));

    [Fact]
    public void The_bytes_of_a_record_stay_what_they_are()
    {
        // Stores hold them: a change here is a new format, and the old one is read as before.
        var record = new StreamRecord { Id = "a", Type = "b", Key = "k", Data = new byte[] { 255 }, Headers = [new("h", "v")] };
        Assert.Equal("02210161016201 6B01016801 76FF".Replace(" ", ""), Convert.ToHexString(StreamRecordCodec.Encode(record)));
    }

    [Fact]
    public void A_sequence_replaces_the_one_of_another_log()
    {
        var record = StreamSequence.With(StreamSequence.With(Some.Full(), 3), 4);
        Assert.Equal(4, StreamSequence.Of(record));
        Assert.Equal(Some.Full().Headers.Length + 1, record.Headers.Length);
        Assert.Null(StreamSequence.Of(Some.Full()));
        Assert.Null(StreamSequence.Of(Some.Full() with { Headers = ImmutableArray.Create(KeyValuePair.Create(StreamSequence.Header, "-1")) }));
    }
}
