using System.Text.Json;
using OrleansMl.Gateway.Json;

namespace OrleansMl.Gateway.Api;

/// <summary>Triggers of retraining as JSON.</summary>
internal static class RetrainingJson
{
    public static void Write(Utf8JsonWriter writer, RetrainingStatus status)
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, status.Model);
        writer.WriteBoolean("paused"u8, status.IsPaused);
        writer.WriteString("pausedBy"u8, status.PausedBy);
        writer.WriteString("current"u8, status.Current);
        writer.WriteArray("triggers"u8, status.Triggers, Write);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RetrainTriggerStatus trigger)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, trigger.Type);
        writer.WriteString("trigger"u8, trigger.Trigger);
        writer.WriteTime("next"u8, trigger.Next);
        writer.WriteNumberOrNull("outcomes"u8, trigger.Outcomes);
        writer.WriteNumberOrNull("every"u8, trigger.Every);
        writer.WriteTime("cooldownUntil"u8, trigger.CooldownUntil);
        writer.WriteBoolean("pending"u8, trigger.IsPending);
        writer.WriteOrNull("last"u8, trigger.Last, Write);
        writer.WriteString("reason"u8, trigger.Reason);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, TriggeredRetraining last)
    {
        writer.WriteStartObject();
        writer.WriteString("job"u8, last.Job);
        writer.WriteTime("at"u8, last.At);
        writer.WriteString("state"u8, last.State);
        writer.WriteString("detail"u8, last.Detail);
        writer.WriteEndObject();
    }
}
