namespace OrleansMl.Retraining.Schedules;

/// <summary>How far a trigger has been looked at: what lies before never begins anything again.</summary>
[GenerateSerializer, Immutable, Alias("oml.StoredTrigger")]
public sealed record StoredTrigger
{
    /// <summary>cron: the last time that counted, or when it was declared, UTC.</summary>
    [Id(0)] public DateTime Since { get; init; }

    /// <summary>outcomes: sequence of the last label that does not count.</summary>
    [Id(1)] public long Label { get; init; }

    /// <summary>alarm: sequence of the last one that was looked at.</summary>
    [Id(2)] public long Alarm { get; init; }

    /// <summary>It has come, and no job was made for it yet.</summary>
    [Id(3)] public bool IsPending { get; init; }

    /// <summary>The job that was made last; null: none, or it was refused.</summary>
    [Id(4)] public string? Job { get; init; }

    /// <summary>When that was, UTC; null: it has never come.</summary>
    [Id(5)] public DateTime? At { get; init; }

    /// <summary>Why no job was made; null: one was.</summary>
    [Id(6)] public string? Refusal { get; init; }
}
