using System.Globalization;
using System.Text.Json.Serialization;

namespace OrleansMl.Declaration;

/// <summary>What begins a retraining; exactly one of cron, outcomes and alarm is set.</summary>
public sealed record RetrainTriggerDefinition
{
    /// <summary>A cron expression of five fields, or a macro such as <c>@daily</c>.</summary>
    public string? Cron { get; init; }

    /// <summary>With <see cref="Cron"/>: the IANA name of the time zone that it is read in; else null.</summary>
    public string? TimeZone { get; init; }

    /// <summary>So many outcomes of the model since the last retraining.</summary>
    public int? Outcomes { get; init; }

    /// <summary>An alarm of drift.</summary>
    public RetrainAlarmDefinition? Alarm { get; init; }

    /// <summary>cron | outcomes | alarm.</summary>
    [JsonIgnore]
    public string Type => Cron is not null ? "cron" : Outcomes is not null ? "outcomes" : "alarm";

    /// <summary>
    /// Tells it apart from the model's other triggers, and is the same as long as what it says is the same:
    /// <c>cron:0 3 * * *@Europe/Berlin</c>, <c>outcomes:5000</c>, <c>alarm:drift_price,loss</c>, <c>alarm:*</c>.
    /// </summary>
    [JsonIgnore]
    public string Key => Type switch
    {
        "cron" => $"cron:{Cron}@{TimeZone}",
        "outcomes" => string.Create(CultureInfo.InvariantCulture, $"outcomes:{Outcomes}"),
        _ => $"alarm:{(Alarm!.Monitors.IsEmpty ? "*" : string.Join(',', Alarm.Monitors.Order(StringComparer.Ordinal)))}",
    };
}
