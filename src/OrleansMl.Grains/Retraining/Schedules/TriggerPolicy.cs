using OrleansMl.Declaration;

namespace OrleansMl.Retraining.Schedules;

/// <summary>Decides whether a trigger has come: pure, so that a table of facts is all a test needs.</summary>
internal static class TriggerPolicy
{
    /// <summary>A trigger that is declared now: nothing before it counts.</summary>
    public static StoredTrigger Begin(ScheduleFacts facts) => new() { Since = facts.Now, Label = facts.Label, Alarm = facts.LastAlarm };

    /// <summary>The trigger once the facts have been looked at; itself where they say nothing new.</summary>
    /// <param name="definition">What it is.</param>
    /// <param name="stored">How far it had been looked at.</param>
    /// <param name="schedule">Of cron: its times; null where its zone is not known here, and then it does not come.</param>
    /// <param name="facts">As they stand.</param>
    public static StoredTrigger Look(RetrainTriggerDefinition definition, StoredTrigger stored, CronSchedule? schedule, ScheduleFacts facts) => definition.Type switch
    {
        // Of several times that were missed, the last stands for all.
        "cron" => schedule?.Last(stored.Since, facts.Now) is { } time ? stored with { Since = time, IsPending = true } : stored,
        "outcomes" => LookAtOutcomes(definition.Outcomes!.Value, stored, facts),
        _ => LookAtAlarms(definition.Alarm!, stored, facts),
    };

    /// <summary>After a job was made or refused for what was pending.</summary>
    public static StoredTrigger Ran(StoredTrigger stored, string? job, string? refusal, DateTime at) =>
        stored with { IsPending = false, Job = job, Refusal = refusal, At = at };

    /// <summary>After somebody else has begun a retraining: it learns from the outcomes so far, so that they count no more.</summary>
    public static StoredTrigger Retrained(RetrainTriggerDefinition definition, StoredTrigger stored, ScheduleFacts facts) =>
        definition.Outcomes is null ? stored : stored with { Label = facts.Label, IsPending = false };

    /// <summary>Outcomes since the last retraining.</summary>
    public static long Counted(StoredTrigger stored, ScheduleFacts facts) => Math.Max(0, facts.Label - stored.Label);

    /// <summary>Until when alarms begin nothing; null: they do.</summary>
    public static DateTime? CooldownUntil(RetrainAlarmDefinition alarm, StoredTrigger stored, DateTime now) =>
        stored.At is { } last && last + alarm.Cooldown > now ? last + alarm.Cooldown : null;

    private static StoredTrigger LookAtOutcomes(int every, StoredTrigger stored, ScheduleFacts facts)
    {
        // Labels that were erased leave a count that would have to be made up first.
        if (stored.Label > facts.Label)
            return stored with { Label = facts.Label };
        return !stored.IsPending && facts.Label - stored.Label >= every ? stored with { IsPending = true } : stored;
    }

    private static StoredTrigger LookAtAlarms(RetrainAlarmDefinition definition, StoredTrigger stored, ScheduleFacts facts)
    {
        if (facts.LastAlarm <= stored.Alarm)
            return stored;
        var comes = facts.Alarms.Any(alarm => alarm.Sequence > stored.Alarm
            && (definition.Monitors.IsEmpty || definition.Monitors.Contains(alarm.Monitor))
            && !(stored.At is { } last && alarm.Raised < last + definition.Cooldown));
        return stored with { Alarm = facts.LastAlarm, IsPending = stored.IsPending || comes };
    }
}
