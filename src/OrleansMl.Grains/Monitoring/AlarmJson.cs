using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansMl.Storage;
using OrleansMl.Streams;

namespace OrleansMl.Monitoring;

/// <summary>Alarms as they are stored, and as the stream <see cref="OmlStreams.Alarms"/> tells of them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Alarm))]
internal sealed partial class AlarmJson : JsonSerializerContext
{
    public const string RaisedType = "oml.drift.alarm.raised";
    public const string EndedType = "oml.drift.alarm.ended";

    public static AlarmRow ToRow(Alarm alarm) => new()
    {
        Id = alarm.Id,
        Model = alarm.Model,
        Monitor = alarm.Monitor,
        Raised = alarm.Raised,
        Document = JsonSerializer.SerializeToUtf8Bytes(alarm, Default.Alarm),
    };

    /// <exception cref="InvalidDataException">The stored bytes are no alarm.</exception>
    public static Alarm FromRow(AlarmRow row)
    {
        try
        {
            return (JsonSerializer.Deserialize(row.Document.Span, Default.Alarm) ?? throw new JsonException("It is empty.")) with
            {
                Ended = row.Ended,
                Acknowledged = row.Acknowledged,
                AcknowledgedBy = row.AcknowledgedBy,
                Note = row.Note,
            };
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The stored alarm '{row.Id}' of '{row.Model}' cannot be read: {exception.Message}", exception);
        }
    }

    public static StreamAppend Raised(Alarm alarm) => Record(alarm.Model, new StreamRecord
    {
        Id = alarm.Id,
        Type = RaisedType,
        Time = alarm.Raised,
        Subject = $"{alarm.Model}/{alarm.Monitor}",
        Data = JsonSerializer.SerializeToUtf8Bytes(alarm, Default.Alarm),
    });

    /// <summary>The end names the alarm; its evidence came with its beginning.</summary>
    public static StreamAppend Ended(string monitor, AlarmEnd end) => Record(end.Model, new StreamRecord
    {
        Id = end.Id + "/end",
        Type = EndedType,
        Time = end.Ended,
        Subject = $"{end.Model}/{monitor}",
        Data = JsonSerializer.SerializeToUtf8Bytes(new { id = end.Id, model = end.Model, monitor, ended = end.Ended }),
    });

    private static StreamAppend Record(string model, StreamRecord record) =>
        new(OmlStreams.Alarms, model, StreamRecordCodec.Encode(record with { Key = model }));
}
