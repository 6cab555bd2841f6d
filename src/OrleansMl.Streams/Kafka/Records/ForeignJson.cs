using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Streams.Kafka.Records;

/// <summary>JSON of foreign producers, read through a <see cref="KafkaRecordMapping"/>.</summary>
internal sealed class ForeignJson(KafkaRecordMapping mapping)
{
    /// <summary>A member that stands there twice has two meanings: refused.</summary>
    internal static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly long MostMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
    private static readonly long LeastMilliseconds = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();

    private readonly MappedPlace _key = MappedPlace.Parse(mapping.Key);
    private readonly MappedPlace _type = MappedPlace.Parse(mapping.Type);
    private readonly MappedPlace? _id = mapping.Id is null ? null : MappedPlace.Parse(mapping.Id);
    private readonly MappedPlace? _time = mapping.Time is null ? null : MappedPlace.Parse(mapping.Time);

    public LogFault? Fill(in KafkaMessage message, RecordDraft draft)
    {
        try
        {
            using var document = JsonDocument.Parse(draft.Data, Strict);
            return Fill(message, document.RootElement, draft);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or EncoderFallbackException)
        {
            // InvalidOperationException: a string of the document is no UTF-8 or has a lone surrogate.
            return new("unparsable", $"The value is no valid JSON: {exception.Message}");
        }
    }

    private LogFault? Fill(in KafkaMessage message, JsonElement root, RecordDraft draft)
    {
        if (root.ValueKind != JsonValueKind.Object)
            return new("unparsable", $"The value is a JSON {root.ValueKind}, not an object.");
        if (Text(_key, message, root) is not { Length: > 0 } key)
            return new("no_key", $"There is no text or number at {_key.Text} (Mapping.Key).");
        draft.Key = key == draft.StreamKey ? null : key;
        if (Text(_type, message, root) is not { Length: > 0 } type)
            return new("no_type", $"There is no text or number at {_type.Text} (Mapping.Type).");
        draft.Type = type;
        if (_id is not null)
        {
            if (Text(_id, message, root) is not { Length: > 0 } id)
                return new("no_id", $"There is no text or number at {_id.Text} (Mapping.Id).");
            draft.Id = id;
        }

        if (mapping.EntityType is { } entityType)
        {
            var entity = new EntityId(entityType, key);
            if (StrictText.Encode(key).Length > EntityId.MaxIdBytes || key.Any(char.IsControl))
                return new("bad_key", $"The key at {_key.Text} is no id of an entity: 1-{EntityId.MaxIdBytes} bytes without control characters.");
            draft.Subject = entity.ToString();
            draft.Key = entity.ToGrainKey();
        }

        if (_time is null)
            return null;
        if (!TrySetTime(_time, message, root, draft))
            return new("bad_time", $"There is no RFC 3339 time and no number of milliseconds at {_time.Text} (Mapping.Time).");
        return null;
    }

    private static string? Text(MappedPlace place, in KafkaMessage message, JsonElement root) => place.Kind switch
    {
        MappedPlaceKind.Constant => place.Text,
        MappedPlaceKind.Key => message.Key is { } key && StrictText.TryDecode(key, out var text) ? text : null,
        MappedPlaceKind.Header => message.TryHeader(place.Text, out var text) ? text : null,
        MappedPlaceKind.Timestamp => message.Timestamp is { } time ? StrictText.FormatTime(time) : null,
        _ => Member(place, root) switch
        {
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            { ValueKind: JsonValueKind.Number } value => value.GetRawText(),
            _ => null,
        },
    };

    private static JsonElement Member(MappedPlace place, JsonElement element)
    {
        foreach (var name in place.Path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return default;
        }

        return element;
    }

    private static bool TrySetTime(MappedPlace place, in KafkaMessage message, JsonElement root, RecordDraft draft)
    {
        if (place.Kind == MappedPlaceKind.Timestamp)
        {
            draft.Time = message.Timestamp;
            return draft.Time is not null;
        }

        if (Text(place, message, root) is not { } text)
            return false;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
            return draft.TrySetTime(text);
        if (milliseconds < LeastMilliseconds || milliseconds > MostMilliseconds)
            return false;
        draft.Time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;
        return true;
    }
}
