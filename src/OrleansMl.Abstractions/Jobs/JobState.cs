namespace OrleansMl;

/// <summary>Where a job stands in its life.</summary>
public enum JobState : byte
{
    /// <summary>It waits for a place to run, for the first time or after an interruption.</summary>
    Queued = 0,

    Running = 1,

    Succeeded = 2,

    Failed = 3,

    Cancelled = 4,
}
