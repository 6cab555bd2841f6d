namespace OrleansMl.Monitoring;

/// <summary>What the monitors of a model store.</summary>
[GenerateSerializer, Alias("oml.MonitorState")]
public sealed class MonitorState
{
    [Id(0)] public Dictionary<string, StoredMonitor> Monitors { get; set; } = [];
}

/// <summary>A monitor as of <see cref="Applied"/>: rows after it are read again after a restart, those up to it never count twice.</summary>
[GenerateSerializer, Alias("oml.StoredMonitor")]
public sealed record StoredMonitor
{
    /// <summary>What it goes by: with another definition it begins anew.</summary>
    [Id(0)] public required string Fingerprint { get; init; }

    /// <summary>Of this beginning; its alarms are named by it.</summary>
    [Id(1)] public required string Life { get; init; }

    /// <summary>Sequence in its feed of the last row that counts. While the reference is collected, where that begins: its rows come again from the log.</summary>
    [Id(2)] public long Applied { get; init; }

    /// <summary>Rows that count.</summary>
    [Id(3)] public long Rows { get; init; }

    /// <summary>Alarms since it began.</summary>
    [Id(4)] public long Alarms { get; init; }

    /// <summary>Detectors or counts by bins; null while the reference is collected.</summary>
    [Id(5)] public byte[]? Watch { get; init; }

    [Id(6)] public DateTime? AsOf { get; init; }

    /// <summary>Why it has failed; null: it has not.</summary>
    [Id(7)] public string? Failure { get; init; }

    /// <summary>An alarm of it stands.</summary>
    [Id(8)] public bool IsRaised { get; init; }
}
