namespace OrleansMl;

/// <summary>How a monitor stands.</summary>
[GenerateSerializer, Immutable, Alias("oml.MonitorStatus")]
public sealed record MonitorStatus
{
    [Id(0)] public required string Name { get; init; }

    [Id(1)] public required string On { get; init; }

    /// <summary>Type of the detector, or name of the statistic.</summary>
    [Id(2)] public required string Detector { get; init; }

    /// <summary>collecting: its reference is not there yet | watching | warning | raised | failed.</summary>
    [Id(3)] public required string State { get; init; }

    /// <summary>Why it failed; else null.</summary>
    [Id(4)] public string? Reason { get; init; }

    /// <summary>Rows since it began.</summary>
    [Id(5)] public long Rows { get; init; }

    /// <summary>Series that it watches: 1, or its columns.</summary>
    [Id(6)] public int Series { get; init; }

    /// <summary>The worst series at the last judgement; null before the first.</summary>
    [Id(7)] public DriftEvidence? Worst { get; init; }

    /// <summary>When the last row that it has taken was answered, UTC; null: none.</summary>
    [Id(8)] public DateTime? AsOf { get; init; }

    /// <summary>Id of the alarm that stands; null: none.</summary>
    [Id(9)] public string? Alarm { get; init; }

    /// <summary>Alarms since it began.</summary>
    [Id(10)] public long Alarms { get; init; }
}
