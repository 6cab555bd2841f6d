namespace OrleansMl.Cli.CommandLine;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    public const int Failed = 1;

    /// <summary>Wrong usage, or a file that is not valid.</summary>
    public const int Invalid = 2;

    public const int PrerequisiteMissing = 3;

    /// <summary>Of a retraining or a fine-tuning: the version is there, and not better than the one that it was compared with.</summary>
    public const int Rejected = 4;
}
