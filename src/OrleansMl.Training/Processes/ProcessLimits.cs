namespace OrleansMl.Training;

/// <summary>What a program and all that it starts may use.</summary>
public sealed record ProcessLimits
{
    /// <summary>Wall time.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Bytes of memory that all its processes hold together, looked at four times a second; pages that they share count once.
    /// It is what they may hold, not what they may reserve: runtimes reserve far more than they use.
    /// </summary>
    public long MemoryBytes { get; init; } = 4L << 30;

    /// <summary>Bytes of all files in its working folder together; one file is stopped at that size by the system.</summary>
    public long FolderBytes { get; init; } = 8L << 30;

    /// <summary>Lines of its output that are told; later ones are counted.</summary>
    public int Lines { get; init; } = 10_000;

    /// <summary>Bytes of a line; what is longer is cut.</summary>
    public int LineBytes { get; init; } = 2_000;

    /// <summary>Between SIGTERM and SIGKILL.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}
