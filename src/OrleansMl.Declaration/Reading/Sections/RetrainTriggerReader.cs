using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads what a retraining begins <c>on</c>.</summary>
internal static class RetrainTriggerReader
{
    private const int MaxTriggers = 16;

    /// <summary>Any time does: an expression that has none after it has none at all, for Cronos looks hundreds of years ahead.</summary>
    private static readonly DateTime s_anyTime = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static ImmutableArray<RetrainTriggerDefinition> ReadAll(NodeReader node, MapReader model, ImmutableArray<MonitorDefinition> monitors)
    {
        var triggers = ImmutableArray.CreateBuilder<RetrainTriggerDefinition>();
        foreach (var item in node.Items("on", MaxTriggers))
        {
            if (item.Map(Shapes.RetrainTrigger) is not { } map || Read(map, model, monitors) is not { } trigger)
                continue;
            if (triggers.Any(other => other.Key == trigger.Key))
                item.Fault("duplicate_trigger", $"There is another trigger {trigger.Key}; keep one.");
            triggers.Add(trigger);
        }

        if (node.Node is YamlSequence { Items.IsEmpty: true })
            node.Fault("invalid_value", "There is no trigger; give cron, outcomes or alarm, or leave 'on' out for a retraining that is only asked for.");
        return triggers.DrainToImmutable();
    }

    private static RetrainTriggerDefinition? Read(MapReader map, MapReader model, ImmutableArray<MonitorDefinition> monitors)
    {
        var kind = map.OneOf("what begins a retraining", "cron", "outcomes", "alarm");
        if (map.Has("timezone") && kind is "outcomes" or "alarm")
            map.Key("timezone").Fault("conflict", "'timezone' belongs to cron; remove it.");
        return kind switch
        {
            "cron" => Cron(map),
            "outcomes" => map["outcomes"]!.Value.Int(1, 1_000_000_000) is { } count ? new RetrainTriggerDefinition { Outcomes = count } : null,
            "alarm" => Alarm(map["alarm"]!.Value, model, monitors) is { } alarm ? new RetrainTriggerDefinition { Alarm = alarm } : null,
            _ => null,
        };
    }

    private static RetrainTriggerDefinition? Cron(MapReader map)
    {
        var name = map["timezone"] is { } where ? where.Text("the IANA name of a time zone such as Europe/Berlin") : CronSchedule.Utc;
        var zone = TimeZoneInfo.Utc;
        if (name is not null)
        {
            if (CronSchedule.FindZone(name, out var reason) is { } found)
                zone = found;
            else
            {
                map["timezone"]!.Value.Fault("unknown_timezone", reason + Suggestion.For(name, TimeZoneInfo.GetSystemTimeZones().Select(known => known.Id)));
                name = null;
            }
        }

        var node = map["cron"]!.Value;
        if (node.Text("a cron expression such as \"0 3 * * *\"") is not { } text)
            return null;
        if (CronSchedule.Parse(text, zone, out var fault) is not { } schedule)
        {
            node.Fault("invalid_cron", $"{node.Said()} is no cron expression: {fault}.");
            return null;
        }

        if (schedule.Next(s_anyTime) is null)
        {
            node.Fault("never_fires", $"{node.Said()} never comes: no month has such a day. Write a day that there is, or L for the last day of the month.");
            return null;
        }

        return name is null ? null : new RetrainTriggerDefinition { Cron = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), TimeZone = name };
    }

    private static RetrainAlarmDefinition? Alarm(NodeReader node, MapReader model, ImmutableArray<MonitorDefinition> monitors)
    {
        if (node.Map(Shapes.RetrainAlarm) is not { } map)
            return null;

        // Monitors that are at fault themselves have no names yet.
        var isComplete = model["monitors"] is not { Node: YamlSequence list } || list.Items.Length == monitors.Length;
        if (isComplete && monitors.IsEmpty)
        {
            node.Fault("conflict", "The model has no monitor that could raise an alarm: give it 'monitors', or remove this trigger.");
            return null;
        }

        var names = monitors.Select(monitor => monitor.Name).ToArray();
        var chosen = ImmutableArray.CreateBuilder<string>();
        foreach (var item in map["monitors"]?.Items("monitors", Limits.Stages) ?? [])
        {
            if (item.Text("the name of a monitor") is not { } name)
                continue;
            if (isComplete && !names.Contains(name))
                item.Fault("unknown_monitor", $"The model has no monitor '{Excerpt.Of(name)}' (monitors: {Suggestion.List(names)}).{Suggestion.For(name, names)}");
            if (chosen.Contains(name))
                item.Fault("invalid_value", $"{item.Said()} is listed twice; keep one.");
            chosen.Add(name);
        }

        if (map["monitors"] is { Node: YamlSequence { Items.IsEmpty: true } } empty)
            empty.Fault("invalid_value", "There is no monitor; name at least one, or leave 'monitors' out for all of them.");
        return new RetrainAlarmDefinition(chosen.DrainToImmutable(), map["cooldown"]?.Duration(allowZero: true) ?? TimeSpan.FromHours(1));
    }
}
