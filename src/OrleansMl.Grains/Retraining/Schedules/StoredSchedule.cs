namespace OrleansMl.Retraining.Schedules;

/// <summary>What the schedule of a model stores. Values are replaced, never changed in place.</summary>
[GenerateSerializer, Immutable, Alias("oml.StoredSchedule")]
public sealed record StoredSchedule
{
    /// <summary>By what the trigger is (<see cref="Declaration.RetrainTriggerDefinition.Key"/>): another one under the same words goes on.</summary>
    [Id(0)] public Dictionary<string, StoredTrigger> Triggers { get; init; } = [];

    /// <summary>Who has paused it; null: nobody.</summary>
    [Id(1)] public string? PausedBy { get; init; }

    /// <summary>
    /// Id of the job that is being made; null: none is. It is stored before the job is, so that a crash between the two makes the
    /// same job again and not another.
    /// </summary>
    [Id(2)] public string? Reserved { get; init; }

    /// <summary>Last label of the model when the reserved job was decided on: outcomes after it count towards the next.</summary>
    [Id(3)] public long ReservedLabel { get; init; }

    /// <summary>The newest retraining of the model that was looked at, whoever asked for it; empty: there was none; null: nobody has looked.</summary>
    [Id(4)] public string? Seen { get; init; }
}
