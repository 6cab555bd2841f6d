using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using OrleansMl.Wire;

namespace OrleansMl.Streams;

/// <summary>The data of published records, in the words of the HTTP interface.</summary>
internal static class RecordJson
{
    /// <summary>The fields of an event: <c>{"price": 0.06, …}</c>.</summary>
    public static byte[] Fields(ImmutableArray<NamedValue> fields) => Write(fields, static (writer, values) => WriteValues(writer, values));

    /// <summary>An outcome as it would be posted.</summary>
    public static byte[] Outcome(IngestOutcome outcome) => Write(outcome, static (writer, item) =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, item.Id);
        if (item.PredictionId is not null)
            writer.WriteString("predictionId"u8, item.PredictionId);
        WriteEntity(writer, item.Entity);
        if (item.Target is not null)
            writer.WriteString("target"u8, item.Target);
        if (item.Subject is not null)
            writer.WriteString("subject"u8, item.Subject);
        WriteTime(writer, item.Time);
        writer.WritePropertyName("value"u8);
        writer.WriteScalarValue(item.Value);
        if (item.Source is not null)
            writer.WriteString("source"u8, item.Source);
        writer.WriteNumber("revision"u8, item.Revision);
        writer.WriteEndObject();
    });

    /// <summary>An answer: who, which model and version, what.</summary>
    public static byte[] Prediction(PredictRequest request, PredictResponse response) => Write((request, response), static (writer, pair) =>
    {
        var (request, response) = pair;
        writer.WriteStartObject();
        writer.WriteString("predictionId"u8, response.PredictionId);
        writer.WriteString("model"u8, response.Model);
        if (response.Version is { } version)
            writer.WriteString("modelVersion"u8, version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        else
            writer.WriteNull("modelVersion"u8);
        WriteEntity(writer, request.Entity);
        writer.WriteStartObject("output"u8);
        if (response.Label is not null)
            writer.WriteString("label"u8, response.Label);
        if (response.Score is { } score)
            writer.WriteNumber("score"u8, score);
        if (!response.Values.IsDefaultOrEmpty)
        {
            writer.WritePropertyName("values"u8);
            WriteValues(writer, response.Values);
        }

        writer.WriteEndObject();
        if (!response.Ranked.IsDefaultOrEmpty)
        {
            writer.WriteStartArray("ranked"u8);
            foreach (var candidate in response.Ranked)
            {
                writer.WriteStartObject();
                WriteEntity(writer, candidate.Entity);
                writer.WriteNumber("score"u8, candidate.Score);
                writer.WriteNumber("rank"u8, candidate.Rank);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteString("fallback"u8, response.Fallback);
        writer.WriteNumber("sequence"u8, response.Sequence);
        writer.WriteEndObject();
    });

    private static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer);
        write(writer, value);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteValues(Utf8JsonWriter writer, ImmutableArray<NamedValue> values)
    {
        writer.WriteStartObject();
        foreach (var value in values)
        {
            writer.WritePropertyName(value.Name);
            writer.WriteScalarValue(value.Value);
        }

        writer.WriteEndObject();
    }

    private static void WriteEntity(Utf8JsonWriter writer, EntityId? entity)
    {
        if (entity is not { } id)
            return;
        writer.WriteStartObject("entity"u8);
        writer.WriteString("type"u8, id.Type);
        writer.WriteString("id"u8, id.Id);
        writer.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter writer, DateTime? time)
    {
        if (time is not { } at)
            return;
        Span<char> text = stackalloc char[Rfc3339.MaxLength];
        writer.WriteString("time"u8, text[..Rfc3339.Format(at, text)]);
    }
}
