using System.Globalization;
using System.Text.Json;
using OrleansMl.Gateway.Json;

namespace OrleansMl.Gateway.Api;

/// <summary>Rollouts as JSON.</summary>
internal static class RolloutJson
{
    public static void Write(Utf8JsonWriter writer, Rollout rollout)
    {
        var steps = rollout.Steps.IsDefault ? [] : rollout.Steps;
        writer.WriteStartObject();
        writer.WriteString("id"u8, rollout.Id.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("model"u8, rollout.Model);
        writer.WriteVersion("candidate"u8, rollout.Candidate);
        writer.WriteVersion("champion"u8, rollout.Champion);
        writer.WriteString("state"u8, NameOf(rollout.State));
        writer.WriteString("stage"u8, steps.IsEmpty ? null : steps[^1].Stage);
        writer.WriteNumber("weight"u8, rollout switch
        {
            { State: RolloutState.Promoted } => 1,
            { IsUnderWay: true } when !steps.IsEmpty => steps[^1].Weight,
            _ => 0,
        });
        writer.WriteString("by"u8, rollout.By);
        writer.WriteString("reason"u8, rollout.Reason);
        writer.WriteString("why"u8, rollout.Why);
        writer.WriteTime("started"u8, rollout.Started);
        writer.WriteTime("ended"u8, rollout.Ended);
        writer.WriteOrNull("evidence"u8, steps.IsEmpty ? null : steps[^1].Evidence, EvidenceJson.Write);
        writer.WriteArray("steps"u8, steps, Write);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RolloutStep step)
    {
        writer.WriteStartObject();
        writer.WriteString("stage"u8, step.Stage);
        writer.WriteNumber("weight"u8, step.Weight);
        writer.WriteTime("entered"u8, step.Entered);
        writer.WriteTime("left"u8, step.Left);
        writer.WriteString("action"u8, step.Action.Length == 0 ? null : step.Action);
        writer.WriteString("reason"u8, step.Reason.Length == 0 ? null : step.Reason);
        writer.WriteOrNull("evidence"u8, step.Evidence, EvidenceJson.Write);
        writer.WriteEndObject();
    }

    private static string NameOf(RolloutState state) => state switch
    {
        RolloutState.Running => "running",
        RolloutState.Paused => "paused",
        RolloutState.Promoted => "promoted",
        RolloutState.RolledBack => "rolledBack",
        RolloutState.Aborted => "aborted",
        _ => "superseded",
    };
}
