using System.Runtime.InteropServices;

namespace OrleansMl.Inference;

/// <summary>Memory that the runtime holds outside the managed heap.</summary>
public static partial class NativeMemory
{
    /// <summary>
    /// Gives freed memory back to the operating system. A closed session frees its weights in pieces, among which those of
    /// other sessions lie; glibc keeps the pieces for later, in an arena for each thread, so that the process looks as large as
    /// its largest moment. Takes milliseconds; does nothing where the C library is another.
    /// </summary>
    public static void Trim()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // musl has no such call, and returns memory as it is freed.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MallocTrim(nuint pad);
}
