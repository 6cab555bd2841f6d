namespace OrleansMl.Training;

/// <summary>How a program came to its end.</summary>
public enum ProcessEnding : byte
{
    /// <summary>By itself, or by a signal of somebody else (exit code 128 + its number).</summary>
    Exited,

    /// <summary>It was never begun: no such program, or the system refuses it.</summary>
    NotStarted,

    /// <summary>Ended for its wall time.</summary>
    TimedOut,

    /// <summary>Ended for its memory.</summary>
    OutOfMemory,

    /// <summary>Ended for the bytes in its working folder.</summary>
    FolderTooLarge,

    /// <summary>Ended because the caller wished so.</summary>
    Cancelled,
}
