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
        writer.WriteStartArray("triggers"u8);
        foreach (var trigger in status.Triggers.IsDefault ? [] : status.Triggers)
            Write(writer, trigger);
        writer.WriteEndArray();
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
        if (trigger.Last is { } last)
        {
            writer.WriteStartObject("last"u8);
            writer.WriteString("job"u8, last.Job);
            writer.WriteTime("at"u8, last.At);
            writer.WriteString("state"u8, last.State);
            writer.WriteString("detail"u8, last.Detail);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("last"u8);
        }

        writer.WriteString("reason"u8, trigger.Reason);
        writer.WriteEndObject();
    }
}
