using System.Collections.Immutable;

namespace OrleansMl.Jobs;

/// <summary>What a job stores.</summary>
[GenerateSerializer, Alias("oml.StoredJob")]
public sealed class StoredJob
{
    /// <summary>Null: there is no such job.</summary>
    [Id(0)] public JobStatus? Status { get; set; }

    /// <summary>What the next attempt begins with; null: nothing was saved.</summary>
    [Id(1)] public byte[]? Checkpoint { get; set; }

    /// <summary>Step of the checkpoint.</summary>
    [Id(2)] public string? CheckpointStep { get; set; }

    /// <summary>The latest ones, oldest first.</summary>
    [Id(3)] public ImmutableArray<JobAttempt> Attempts { get; set; } = [];

    /// <summary>Attempts in a row that ended by themselves or with their silo, without a checkpoint.</summary>
    [Id(4)] public int IdleAttempts { get; set; }

    public StoredJob Copy() => (StoredJob)MemberwiseClone();
}
