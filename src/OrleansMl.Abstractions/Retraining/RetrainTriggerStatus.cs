namespace OrleansMl;

/// <summary>How a trigger stands.</summary>
[GenerateSerializer, Immutable, Alias("oml.RetrainTriggerStatus")]
public sealed record RetrainTriggerStatus
{
    /// <summary>cron | outcomes | alarm.</summary>
    [Id(0)] public required string Type { get; init; }

    /// <summary>What it is, and what its jobs say in <c>by</c>: <c>cron:0 3 * * *@UTC</c>, <c>outcomes:5000</c>, <c>alarm:*</c>.</summary>
    [Id(1)] public required string Trigger { get; init; }

    /// <summary>cron: when it comes next, UTC; else null.</summary>
    [Id(2)] public DateTime? Next { get; init; }

    /// <summary>outcomes: how many have come since the last retraining; else null.</summary>
    [Id(3)] public long? Outcomes { get; init; }

    /// <summary>outcomes: how many are needed; else null.</summary>
    [Id(4)] public long? Every { get; init; }

    /// <summary>alarm: until then alarms begin nothing, UTC; null: they do.</summary>
    [Id(5)] public DateTime? CooldownUntil { get; init; }

    /// <summary>It has come, and waits for the retraining that runs.</summary>
    [Id(6)] public bool IsPending { get; init; }

    /// <summary>The last retraining that it began; null: none yet.</summary>
    [Id(7)] public TriggeredRetraining? Last { get; init; }

    /// <summary>Why it cannot come here; null: it can.</summary>
    [Id(8)] public string? Reason { get; init; }
}
