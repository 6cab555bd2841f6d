using System.Runtime.InteropServices;

namespace OrleansMl.Storage.Embedded.Files;

/// <summary>Makes a new name in a folder durable; file systems of Windows do so by themselves.</summary>
internal static partial class FolderSync
{
    public static void Run(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = NativeMethods.Open(folder, 0);
        if (descriptor < 0)
            throw new IOException($"The folder '{folder}' cannot be opened to sync it (errno {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (NativeMethods.Sync(descriptor) != 0)
                throw new IOException($"The folder '{folder}' cannot be synced (errno {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = NativeMethods.Close(descriptor);
        }
    }

    private static partial class NativeMethods
    {
        [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
        public static partial int Open(string path, int flags);

        [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
        public static partial int Sync(int descriptor);

        [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
        public static partial int Close(int descriptor);
    }
}
