using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using Orleans.Runtime;

namespace OrleansMl.Streams.Kafka.Records;

/// <summary>A record as a Kafka message: CloudEvents Kafka protocol binding, binary content mode.</summary>
internal sealed class KafkaRecordEncoder(string source, int maxRecordBytes)
{
    private static readonly byte[] SpecVersion = "1.0"u8.ToArray();
    private readonly byte[] _source = StrictText.Encode(source);

    /// <exception cref="ArgumentException">The record cannot be written; says why.</exception>
    public Message<byte[], byte[]> Encode(StreamId stream, StreamRecord record)
    {
        if (string.IsNullOrEmpty(record.Id) || string.IsNullOrEmpty(record.Type))
            throw new ArgumentException($"A record for stream '{stream}' has no {(string.IsNullOrEmpty(record.Id) ? "id" : "type")} ({record.Type} '{record.Id}').", nameof(record));
        if (record.Key is "")
            throw new ArgumentException($"Record '{record.Id}' for stream '{stream}' has an empty key. Leave the key out to keep the order of the stream.", nameof(record));
        if (record.Data.Length > maxRecordBytes)
            throw new ArgumentException($"Record '{record.Id}' for stream '{stream}' has {record.Data.Length} bytes; the most is {maxRecordBytes} (MaxRecordBytes). Keep the data elsewhere and send a reference.", nameof(record));
        try
        {
            return new Message<byte[], byte[]>
            {
                Key = record.Key is null ? stream.Key.ToArray() : StrictText.Encode(record.Key),
                Value = Bytes(record.Data),
                Headers = Headers(stream, record),
            };
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException($"Record '{record.Id}' for stream '{stream}' has text that is no Unicode (a lone surrogate).", nameof(record), exception);
        }
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out var array) && array.Offset == 0 && array.Count == array.Array!.Length ? array.Array : data.ToArray();

    private Headers Headers(StreamId stream, StreamRecord record)
    {
        var headers = new Headers
        {
            { KafkaHeaderNames.SpecVersion, SpecVersion },
            { KafkaHeaderNames.Id, StrictText.Encode(record.Id) },
            { KafkaHeaderNames.Type, StrictText.Encode(record.Type) },
            { KafkaHeaderNames.Source, _source },
            { KafkaHeaderNames.ContentType, StrictText.Encode(record.ContentType) },
            { KafkaHeaderNames.Stream, stream.Key.ToArray() },
        };
        if (record.Time is { } time)
            headers.Add(KafkaHeaderNames.Time, StrictText.Encode(StrictText.FormatTime(time)));
        if (record.Subject is { } subject)
            headers.Add(KafkaHeaderNames.Subject, StrictText.Encode(subject));
        if (record.TraceParent is { } trace)
            headers.Add(KafkaHeaderNames.TraceParent, StrictText.Encode(trace));
        if (record.Headers.IsDefaultOrEmpty)
            return headers;
        foreach (var (name, value) in record.Headers)
        {
            if (string.IsNullOrEmpty(name) || KafkaHeaderNames.IsReserved(name))
                throw new ArgumentException($"Record '{record.Id}' for stream '{stream}' has a header '{name}', which the record's attributes take. Set the attribute, or use another name.", nameof(record));
            headers.Add(name, StrictText.Encode(value));
        }

        return headers;
    }
}
