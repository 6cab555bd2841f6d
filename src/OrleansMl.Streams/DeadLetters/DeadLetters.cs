using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>Between records and dead letters.</summary>
public static class DeadLetters
{
    /// <summary>A record that is put aside.</summary>
    /// <param name="source">Where it lay; the same source is one letter.</param>
    /// <param name="streamNamespace">Namespace of its stream.</param>
    /// <param name="streamKey">Key of its stream.</param>
    public static DeadLetter Of(string source, string streamNamespace, string streamKey, StreamRecord record, string reason, string detail, DateTime created) => new()
    {
        Id = Guid.CreateVersion7().ToString("n"),
        Source = source,
        Namespace = streamNamespace,
        Stream = streamKey,
        Key = record.Key ?? streamKey,
        Type = record.Type,
        RecordId = record.Id,
        Reason = reason,
        Detail = detail,
        Created = created,
        Payload = record.Data,
        Attributes = AttributesOf(record),
    };

    /// <summary>The record to send again, with its data or other.</summary>
    public static StreamRecord ToRecord(this DeadLetter letter, ReadOnlyMemory<byte> data)
    {
        var record = letter.Attributes.IsEmpty
            ? new StreamRecord { Id = letter.RecordId, Type = letter.Type, Key = letter.Key.Length > 0 ? letter.Key : null, Data = data }
            : StreamRecordCodec.Decode(letter.Attributes, 0);
        return record with { Data = data };
    }

    private static byte[] AttributesOf(StreamRecord record)
    {
        try
        {
            return StreamRecordCodec.Encode(record with { Data = ReadOnlyMemory<byte>.Empty });
        }
        catch (ArgumentException)
        {
            // Attributes that are no text: what could be read of them stands in the letter's own members.
            return [];
        }
    }
}
