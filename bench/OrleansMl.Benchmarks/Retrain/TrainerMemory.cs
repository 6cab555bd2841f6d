using System.Globalization;

namespace OrleansMl.Benchmarks.Retrain;

/// <summary>
/// The most memory that the program of a job's training held at once, by the system's word (<c>VmHWM</c>, proc_pid_status(5)). A job
/// runs it twice, to train and to judge; where the system does not say, it stays 0.
/// </summary>
internal sealed class TrainerMemory(string job)
{
    private const string Program = "OrleansMl.Training";

    private string? _process;

    public long PeakBytes { get; private set; }

    /// <summary>Looks again; a peak between the last look and the end of the program is missed.</summary>
    public void Look()
    {
        if (!Directory.Exists("/proc"))
            return;
        if (_process is not null && HighWater(_process) is { } bytes)
        {
            PeakBytes = Math.Max(PeakBytes, bytes);
            return;
        }

        _process = Directory.EnumerateDirectories("/proc").FirstOrDefault(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]) && IsTheProgram(folder));
    }

    private bool IsTheProgram(string process)
    {
        var words = Read(process, "cmdline")?.Split('\0') ?? [];
        return words is [var program, "work", var folder, ..] && program.EndsWith(Program, StringComparison.Ordinal) && folder.Contains(job, StringComparison.Ordinal);
    }

    /// <summary>Null: it has ended.</summary>
    private static long? HighWater(string process)
    {
        var line = Read(process, "status")?.Split('\n').FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is null ? null : long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static string? Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
