using System.Globalization;
using Orleans.Runtime;

namespace OrleansMl.Streams.Kafka.Records;

/// <summary>
/// Kafka messages of one topic as records: CloudEvents in binary or structured mode, or a foreign producer's JSON by a
/// mapping. What cannot be understood becomes a fault, never an exception. For one thread.
/// </summary>
internal sealed class KafkaRecordDecoder(string streamNamespace, KafkaRecordMapping? mapping, int maxRecordBytes)
{
    private const string StructuredJson = "application/cloudevents+json";
    private readonly ForeignJson? _foreign = mapping is null ? null : new ForeignJson(mapping);
    private readonly RecordDraft _draft = new();
    private string? _lastKey;
    private StreamId _last;

    /// <summary>
    /// A record that is read whole, id and all, out of its data gets its place in the log as its own id. Who does not use that
    /// saves a string for each; its dead letter gets it all the same.
    /// </summary>
    public bool NamesWholeRecords { get; init; } = true;

    public LogRecord Decode(in KafkaMessage message)
    {
        var draft = _draft;
        draft.Clear();
        var fault = StreamOf(message, draft, out var stream) ?? ContentOf(message, draft) ?? Fill(message, draft);
        return new LogRecord(message.Offset, stream, draft.ToRecord(message)) { Fault = fault };
    }

    /// <summary>
    /// The stream that the producer named; else the whole partition is one stream, which keeps the order of every key in it.
    /// </summary>
    private LogFault? StreamOf(in KafkaMessage message, RecordDraft draft, out StreamId stream)
    {
        if (message.Header(KafkaHeaderNames.Stream) is not { } name)
        {
            stream = Named(message.Partition.ToString(CultureInfo.InvariantCulture));
            return null;
        }

        if (!StrictText.TryDecode(name, out var key) || string.IsNullOrWhiteSpace(key))
        {
            stream = Named(message.Partition.ToString(CultureInfo.InvariantCulture));
            return new("unparsable", $"Header {KafkaHeaderNames.Stream} names no stream.");
        }

        stream = Named(key);
        draft.StreamKey = key;
        return null;
    }

    /// <summary>Records of one stream often follow each other: the last id is kept.</summary>
    private StreamId Named(string key)
    {
        if (key != _lastKey)
            (_lastKey, _last) = (key, StreamId.Create(streamNamespace, key));
        return _last;
    }

    private LogFault? ContentOf(in KafkaMessage message, RecordDraft draft)
    {
        draft.Headers = message.OtherHeaders();
        // What the key says is of use to the operator also where the rest is a fault.
        if (message.Key is { } bytes && StrictText.TryDecode(bytes, out var key) && key != draft.StreamKey)
            draft.Key = key;
        draft.Data = message.Value.Bytes;
        if (message.TryHeader(KafkaHeaderNames.ContentType, out var contentType) && contentType is not null)
            draft.ContentType = contentType;
        if (message.Value.IsTooLarge)
            return new("too_large", $"The value has {message.Value.Length} bytes; the most is {maxRecordBytes} (MaxRecordBytes).");
        if (message.TryHeader(KafkaHeaderNames.TraceParent, out var trace))
            draft.TraceParent = trace;
        return null;
    }

    private LogFault? Fill(in KafkaMessage message, RecordDraft draft)
    {
        if (message.Header(KafkaHeaderNames.SpecVersion) is not null || message.Header(KafkaHeaderNames.Type) is not null)
            return Binary(message, draft) ?? RequireKey(message, draft);
        if (draft.ContentType.StartsWith(StructuredJson, StringComparison.OrdinalIgnoreCase))
            return StructuredCloudEvent.Fill(draft) ?? RequireKey(message, draft);
        if (_foreign is not null)
        {
            draft.Headers = draft.Headers.Add(new(OmlStreams.MappedHeader, "1"));
            return _foreign.Fill(message, draft);
        }

        if (streamNamespace is not (OmlStreams.Events or OmlStreams.Outcomes))
            return new("no_type", $"The record is no CloudEvent (it has no header {KafkaHeaderNames.Type}). For JSON of other producers give topic '{message.Topic}' a Mapping.");

        // Without attributes it is what would be posted over HTTP: whoever applies it finds everything in the data.
        draft.Type = streamNamespace == OmlStreams.Events ? "event" : "outcome";
        draft.ContentType = OmlStreams.WholeContentType;
        if (!NamesWholeRecords)
            draft.Id = "";
        return null;
    }

    private static LogFault? Binary(in KafkaMessage message, RecordDraft draft)
    {
        if (!message.TryHeader(KafkaHeaderNames.SpecVersion, out var version) || version is null || !version.StartsWith("1.", StringComparison.Ordinal))
            return new("unparsable", $"Header {KafkaHeaderNames.SpecVersion} is '{version}'; CloudEvents 1.0 are understood.");
        if (!message.TryHeader(KafkaHeaderNames.Type, out var type) || string.IsNullOrEmpty(type))
            return new("no_type", $"Header {KafkaHeaderNames.Type} is absent or no text.");
        draft.Type = type;
        if (!message.TryHeader(KafkaHeaderNames.Id, out var id) || id is "")
            return new("unparsable", $"Header {KafkaHeaderNames.Id} is no text.");
        draft.Id = id;
        if (!message.TryHeader(KafkaHeaderNames.Subject, out var subject))
            return new("unparsable", $"Header {KafkaHeaderNames.Subject} is no UTF-8.");
        draft.Subject = subject;
        if (draft.TraceParent is null && message.TryHeader(KafkaHeaderNames.CloudEventsTraceParent, out var trace))
            draft.TraceParent = trace;
        if (message.Key is null && message.TryHeader(KafkaHeaderNames.PartitionKey, out var partitionKey))
            draft.Key = partitionKey;
        if (!message.TryHeader(KafkaHeaderNames.Time, out var text))
            return new("bad_time", $"Header {KafkaHeaderNames.Time} is no UTF-8.");
        return text is null || draft.TrySetTime(text) ? null : new("bad_time", $"Header {KafkaHeaderNames.Time} is '{text}', which is no RFC 3339 time.");
    }

    /// <summary>A record of a named stream may go without a key: it is the stream's. Others have nothing else to keep order for.</summary>
    private static LogFault? RequireKey(in KafkaMessage message, RecordDraft draft)
    {
        if (message.Key is { } bytes && !StrictText.TryDecode(bytes, out _))
            return new("no_key", "The record's key is no UTF-8 text.");
        return draft.StreamKey is not null || !string.IsNullOrEmpty(draft.Key)
            ? null
            : new("no_key", "The record has no key, so nothing says what its order is kept for.");
    }
}
