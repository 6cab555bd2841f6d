using System.Collections.Immutable;

namespace OrleansMl.Streams.Kafka.Records;

/// <summary>A record while it is read: after a fault, what could be read of it.</summary>
internal sealed class RecordDraft
{
    /// <summary>Null: the producer gave none.</summary>
    public string? Id { get; set; }

    public string Type { get; set; } = "";

    /// <summary>Key of the stream, if the producer named one.</summary>
    public string? StreamKey { get; set; }

    public string? Key { get; set; }

    public DateTime? Time { get; set; }

    public string? Subject { get; set; }

    public string? TraceParent { get; set; }

    public string ContentType { get; set; } = "application/json";

    public ReadOnlyMemory<byte> Data { get; set; }

    public ImmutableArray<KeyValuePair<string, string>> Headers { get; set; } = [];

    /// <summary>For the next record.</summary>
    public void Clear()
    {
        (Id, Type, StreamKey, Key, Time, Subject, TraceParent) = (null, "", null, null, null, null, null);
        (ContentType, Data, Headers) = ("application/json", default, []);
    }

    public bool TrySetTime(string text)
    {
        if (!StrictText.TryParseTime(text, out var time))
            return false;
        Time = time;
        return true;
    }

    public StreamRecord ToRecord(in KafkaMessage message) => new()
    {
        Id = Id ?? message.DefaultId,
        Type = Type,
        Key = Key,
        Time = Time,
        Subject = Subject,
        TraceParent = TraceParent,
        ContentType = ContentType,
        Data = Data,
        Headers = Headers,
    };
}
