using System.Text.Json;
using OrleansMl.Gateway.Json;

namespace OrleansMl.Gateway.Api;

/// <summary>Monitors and alarms as JSON.</summary>
internal static class MonitoringJson
{
    public static void Write(Utf8JsonWriter writer, MonitorStatus monitor)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, monitor.Name);
        writer.WriteString("on"u8, monitor.On);
        writer.WriteString("detector"u8, monitor.Detector);
        writer.WriteString("state"u8, monitor.State);
        writer.WriteString("reason"u8, monitor.Reason);
        writer.WriteNumber("rows"u8, monitor.Rows);
        writer.WriteNumber("series"u8, monitor.Series);
        writer.WriteTime("asOf"u8, monitor.AsOf);
        writer.WriteString("alarm"u8, monitor.Alarm);
        writer.WriteNumber("alarms"u8, monitor.Alarms);
        writer.WriteOrNull("worst"u8, monitor.Worst, Write);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, Alarm alarm)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, alarm.Id);
        writer.WriteString("model"u8, alarm.Model);
        writer.WriteString("monitor"u8, alarm.Monitor);
        writer.WriteString("on"u8, alarm.On);
        writer.WriteString("detector"u8, alarm.Detector);
        writer.WriteString("state"u8, alarm.Ended is null ? "raised"u8 : "ended"u8);
        writer.WriteTime("raised"u8, alarm.Raised);
        writer.WriteTime("ended"u8, alarm.Ended);
        writer.WriteString("correction"u8, alarm.Correction);
        writer.WriteNumberOrNull("alpha"u8, alarm.Alpha);
        writer.WriteNumber("pastCount"u8, alarm.PastCount);
        writer.WriteNumber("judgedCount"u8, alarm.JudgedCount);
        writer.WriteArray("evidence"u8, alarm.Evidence, Write);
        writer.WriteStartObject("window"u8);
        writer.WriteNumber("firstRow"u8, alarm.FirstRow);
        writer.WriteNumber("lastRow"u8, alarm.LastRow);
        writer.WriteTime("from"u8, alarm.From);
        writer.WriteTime("to"u8, alarm.To);
        writer.WriteArray("versions"u8, alarm.Versions, JsonWriting.WriteVersionValue);
        writer.WriteArray("predictionIds"u8, alarm.PredictionIds, static (writer, id) => writer.WriteStringValue(id));
        writer.WriteEndObject();
        writer.WriteTime("acknowledged"u8, alarm.Acknowledged);
        writer.WriteString("acknowledgedBy"u8, alarm.AcknowledgedBy);
        writer.WriteString("note"u8, alarm.Note);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, DriftEvidence evidence)
    {
        writer.WriteStartObject();
        writer.WriteString("series"u8, evidence.Series);
        writer.WriteNumberOrNull("statistic"u8, evidence.Statistic);
        writer.WriteNumberOrNull("threshold"u8, evidence.Threshold);
        writer.WriteNumberOrNull("pValue"u8, evidence.PValue);
        writer.WriteNumberOrNull("correctedPValue"u8, evidence.CorrectedPValue);
        writer.WriteBoolean("isPast"u8, evidence.IsPast);
        Write(writer, "reference"u8, evidence.Reference);
        Write(writer, "current"u8, evidence.Current);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, SampleSummary sample)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("count"u8, sample.Count);
        writer.WriteNumberOrNull("mean"u8, sample.Mean);
        writer.WriteNumberOrNull("standardDeviation"u8, sample.StandardDeviation);
        writer.WriteNumberOrNull("min"u8, sample.Min);
        writer.WriteNumberOrNull("max"u8, sample.Max);
        writer.WriteArray("bins"u8, sample.Bins, Write);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, SummaryBin bin)
    {
        writer.WriteStartObject();
        writer.WriteNumberOrNull("from"u8, bin.From);
        writer.WriteNumberOrNull("to"u8, bin.To);
        writer.WriteString("category"u8, bin.Category);
        writer.WriteNumber("count"u8, bin.Count);
        writer.WriteEndObject();
    }
}
