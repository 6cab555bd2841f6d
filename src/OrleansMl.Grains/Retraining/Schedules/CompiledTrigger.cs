using OrleansMl.Declaration;

namespace OrleansMl.Retraining.Schedules;

/// <summary>A declared trigger as this machine can look at it.</summary>
/// <param name="Definition">As declared.</param>
/// <param name="Schedule">Of a trigger by time: when it comes; else null.</param>
/// <param name="Reason">Why it cannot come; null: it can.</param>
internal sealed record CompiledTrigger(RetrainTriggerDefinition Definition, CronSchedule? Schedule, string? Reason)
{
    /// <summary>What was read from a file elsewhere may name a zone that this machine has no data of.</summary>
    public static CompiledTrigger Of(RetrainTriggerDefinition definition)
    {
        if (definition.Cron is not { } text)
            return new CompiledTrigger(definition, null, null);
        if (CronSchedule.FindZone(definition.TimeZone!, out var reason) is not { } zone)
            return new CompiledTrigger(definition, null, reason);
        var schedule = CronSchedule.Parse(text, zone, out reason);
        return new CompiledTrigger(definition, schedule, reason);
    }
}
