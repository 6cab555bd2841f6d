using System.Collections.Immutable;
using System.Text;
using Confluent.Kafka;

namespace OrleansMl.Streams.Kafka.Records;

/// <summary>A message as the client library hands it over, with its headers sorted into ours and others.</summary>
internal readonly struct KafkaMessage(string topic, int partition, long offset, byte[]? key, KafkaValue value, Headers? headers, Timestamp timestamp)
{
    /// <summary>The end of the year 9999.</summary>
    private const long MostMilliseconds = 253_402_300_799_999;

    public string Topic => topic;

    public int Partition => partition;

    public long Offset => offset;

    public byte[]? Key => key;

    public KafkaValue Value => value;

    /// <summary>The record's timestamp, UTC; null: none, or a number that is no date.</summary>
    public DateTime? Timestamp => timestamp.Type != TimestampType.NotAvailable && timestamp.UnixTimestampMs is >= 0 and <= MostMilliseconds
        ? DateTime.UnixEpoch.AddMilliseconds(timestamp.UnixTimestampMs)
        : null;

    public string DefaultId => $"{topic}/{partition}/{offset}";

    /// <summary>The last header of this name; null: none, or it has no value.</summary>
    public byte[]? Header(string name) => headers is not null && headers.TryGetLastBytes(name, out var bytes) ? bytes : null;

    public bool TryHeader(string name, out string? text)
    {
        text = null;
        return Header(name) is not { } bytes || StrictText.TryDecode(bytes, out text);
    }

    /// <summary>Headers that no attribute takes. Bytes that are no UTF-8 become U+FFFD: they never make a record undeliverable.</summary>
    public ImmutableArray<KeyValuePair<string, string>> OtherHeaders()
    {
        if (headers is null || headers.Count == 0)
            return [];
        var others = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var header in headers)
        {
            if (header.Key.Length > 0 && !KafkaHeaderNames.IsReserved(header.Key))
                others.Add(new(header.Key, Encoding.UTF8.GetString(header.GetValueBytes() ?? [])));
        }

        return others.DrainToImmutable();
    }
}
