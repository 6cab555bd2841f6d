using System.Text;
using System.Text.Json;

namespace OrleansMl.Streams.Kafka.Records;

/// <summary>A CloudEvent in the JSON event format 1.0 (structured content mode): attributes and data in one JSON object.</summary>
internal static class StructuredCloudEvent
{
    public static LogFault? Fill(RecordDraft draft)
    {
        try
        {
            using var document = JsonDocument.Parse(draft.Data, ForeignJson.Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Fill(document.RootElement, draft)
                : new("unparsable", "The CloudEvent is no JSON object.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return new("unparsable", $"The CloudEvent is no valid JSON: {exception.Message}");
        }
    }

    private static LogFault? Fill(JsonElement cloudEvent, RecordDraft draft)
    {
        var version = Text(cloudEvent, "specversion");
        if (version is null || !version.StartsWith("1.", StringComparison.Ordinal))
            return new("unparsable", $"specversion is '{version}'; CloudEvents 1.0 are understood.");
        draft.Type = Text(cloudEvent, "type") ?? "";
        if (draft.Type.Length == 0)
            return new("no_type", "The CloudEvent has no type.");
        if (Text(cloudEvent, "id") is { Length: > 0 } id)
            draft.Id = id;
        draft.Subject = Text(cloudEvent, "subject");
        draft.TraceParent ??= Text(cloudEvent, "traceparent");
        draft.Key ??= Text(cloudEvent, "partitionkey");
        if (Text(cloudEvent, "time") is { } time && !draft.TrySetTime(time))
            return new("bad_time", $"time is '{time}', which is no RFC 3339 time.");
        draft.ContentType = Text(cloudEvent, "datacontenttype") ?? "application/json";
        draft.Data = Data(cloudEvent, draft.ContentType);
        return null;
    }

    private static byte[] Data(JsonElement cloudEvent, string contentType)
    {
        if (cloudEvent.TryGetProperty("data_base64", out var base64))
            return base64.GetBytesFromBase64();
        if (!cloudEvent.TryGetProperty("data", out var data))
            return [];
        // A JSON string that stands for data of another type is that data (JSON event format, section 3.1.1).
        return data.ValueKind == JsonValueKind.String && !contentType.Contains("json", StringComparison.OrdinalIgnoreCase)
            ? StrictText.Encode(data.GetString()!)
            : Encoding.UTF8.GetBytes(data.GetRawText());
    }

    private static string? Text(JsonElement cloudEvent, string attribute) =>
        cloudEvent.TryGetProperty(attribute, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
