using System.Buffers;
using System.Text.Json;
using OrleansMl.Cli.Data;

namespace OrleansMl.Cli.Replay;

/// <summary>Bodies of the three requests of a row, written into one buffer that each call uses anew.</summary>
internal sealed class RequestBodies : IDisposable
{
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText Entity = JsonEncodedText.Encode("entity");
    private static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText EventTime = JsonEncodedText.Encode("eventTime");
    private static readonly JsonEncodedText Fields = JsonEncodedText.Encode("fields");
    private static readonly JsonEncodedText Inputs = JsonEncodedText.Encode("inputs");
    private static readonly JsonEncodedText Include = JsonEncodedText.Encode("include");
    private static readonly JsonEncodedText PredictionId = JsonEncodedText.Encode("predictionId");
    private static readonly JsonEncodedText Value = JsonEncodedText.Encode("value");

    private readonly ReplayPlan _plan;
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _json;

    public RequestBodies(ReplayPlan plan)
    {
        _plan = plan;
        _json = new(_buffer, new JsonWriterOptions { SkipValidation = true });
    }

    /// <summary>Body of <c>POST /api/v1/outcomes</c>: the truth of an earlier prediction.</summary>
    public ReadOnlyMemory<byte> Outcome(long row, string predictionId, double truth)
    {
        Begin();
        _json.WriteString(Id, RowId(row));
        _json.WriteString(PredictionId, predictionId);
        _plan.Target.WriteTruth(_json, Value, truth);
        return End();
    }

    /// <summary>Body of <c>POST /api/v1/events</c>.</summary>
    public ReadOnlyMemory<byte> Event(long index, CsvRow row, string entity, DateTime time)
    {
        Begin();
        _json.WriteString(Id, RowId(index));
        WriteEntity(entity);
        _json.WriteString(Type, _plan.EventType);
        _json.WriteString(Time, time);
        _json.WriteStartObject(Fields);
        foreach (var field in _plan.Fields)
            field.Write(_json, row);
        _json.WriteEndObject();
        return End();
    }

    /// <summary>Body of <c>POST /api/v1/models/{m}/predict</c>; asks for the vector as served.</summary>
    public ReadOnlyMemory<byte> Prediction(CsvRow row, string entity, DateTime time)
    {
        Begin();
        WriteEntity(entity);
        _json.WriteStartObject(Inputs);
        foreach (var input in _plan.Inputs)
            input.Write(_json, row);
        _json.WriteEndObject();
        if (_plan.SendsEventTime)
            _json.WriteString(EventTime, time);
        _json.WriteStartArray(Include);
        _json.WriteStringValue("features");
        _json.WriteEndArray();
        return End();
    }

    public void Dispose() => _json.Dispose();

    private static string RowId(long row) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"row-{row}");

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
    }

    private ReadOnlyMemory<byte> End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenMemory;
    }

    private void WriteEntity(string id)
    {
        _json.WriteStartObject(Entity);
        _json.WriteString(Type, _plan.EntityType);
        _json.WriteString(Id, id);
        _json.WriteEndObject();
    }
}
