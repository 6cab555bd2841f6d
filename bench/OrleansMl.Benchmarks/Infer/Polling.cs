using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// Waits for sockets. <c>Socket.Select</c> knows only whole milliseconds and lists that it empties; a load generator that
/// shares the cores with what it measures can afford neither.
/// </summary>
internal static partial class Polling
{
    public const short Readable = 1;
    public const short Writable = 4;

    private const int TimerSlack = 29;
    private const int Interrupted = 4;

    /// <summary>Waits of the calling thread end when they are due, not up to 50 µs later.</summary>
    public static void BePunctual() => _ = Control(TimerSlack, 1, 0, 0, 0);

    /// <summary>Waits until one of the descriptors is ready, or for as long as is said.</summary>
    /// <returns>How many are ready; their <see cref="Place.Ready"/> says what for.</returns>
    public static unsafe int Wait(Span<Place> places, TimeSpan atMost)
    {
        var ticks = Math.Max(0, atMost.Ticks);
        var time = new Time { Seconds = ticks / TimeSpan.TicksPerSecond, Nanoseconds = ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick };
        fixed (Place* first = places)
        {
            int ready;
            do
                ready = Poll(first, (nuint)places.Length, &time, null);
            while (ready < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return ready >= 0 ? ready : throw new InvalidOperationException($"ppoll fails with error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "ppoll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Poll(Place* places, nuint count, Time* atMost, void* signals);

    [LibraryImport("libc.so.6", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int option, nuint value, nuint third, nuint fourth, nuint fifth);

    /// <summary>The system's <c>pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    [DebuggerDisplay("{Descriptor}: {Ready}")]
    internal struct Place
    {
        public int Descriptor;
        public short Wanted;
        public short Ready;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
