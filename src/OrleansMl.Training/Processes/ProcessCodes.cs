namespace OrleansMl.Training;

/// <summary>Why a program did not do its work, as errors name it.</summary>
public static class ProcessCodes
{
    /// <summary>It ended with an exit code other than 0, or by a signal.</summary>
    public const string CommandFailed = "command_failed";

    /// <summary>There is no such program, or it cannot be executed.</summary>
    public const string NotStarted = "not_started";

    /// <summary>It ran longer than allowed.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>It held more memory than allowed.</summary>
    public const string OutOfMemory = "out_of_memory";

    /// <summary>It wrote more than allowed.</summary>
    public const string FolderTooLarge = "folder_too_large";

    /// <summary>The caller ended it.</summary>
    public const string Cancelled = "cancelled";
}
