using System.Runtime.InteropServices;

namespace OrleansMl.Training;

/// <summary>
/// How much a thread gives way to others. <see cref="Thread.Priority"/> does nothing on Linux, where a thread has a nice value of
/// its own instead.
/// </summary>
public static partial class ThreadNice
{
    private const int Process = 0;
    private const int CallingThread = 0;

    /// <summary>Makes the calling thread nicer for good; only root could undo it. Elsewhere than on Linux nothing happens.</summary>
    /// <param name="nice">0–19.</param>
    public static void Lower(int nice)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nice);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nice, 19);

        // Where it is refused the thread goes on as it was: it is a kindness, no promise.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(Process, CallingThread, nice);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int nice);
}
