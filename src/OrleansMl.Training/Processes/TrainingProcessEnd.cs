using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Training;

/// <summary>How a program ended, and what it took.</summary>
/// <param name="Ending">By itself, or for what it was ended.</param>
/// <param name="ExitCode">Of the program; 128 + the signal where one ended it. Null: it was not begun, or did not end by itself.</param>
/// <param name="LastLines">The last lines of its standard error, or where that was silent of its standard output; at most 20.</param>
/// <param name="PeakMemoryBytes">The most that all its processes held together, as seen four times a second.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record TrainingProcessEnd(ProcessEnding Ending, int? ExitCode, ImmutableArray<string> LastLines, long PeakMemoryBytes, double Seconds)
{
    /// <summary>It ended by itself with exit code 0.</summary>
    public bool Succeeded => Ending == ProcessEnding.Exited && ExitCode == 0;

    /// <summary>One of timed_out, out_of_memory, folder_too_large, cancelled, not_started, command_failed; null: it succeeded.</summary>
    public string? Code => Ending switch
    {
        ProcessEnding.Exited => ExitCode == 0 ? null : ProcessCodes.CommandFailed,
        ProcessEnding.NotStarted => ProcessCodes.NotStarted,
        ProcessEnding.TimedOut => ProcessCodes.TimedOut,
        ProcessEnding.OutOfMemory => ProcessCodes.OutOfMemory,
        ProcessEnding.FolderTooLarge => ProcessCodes.FolderTooLarge,
        _ => ProcessCodes.Cancelled,
    };

    /// <summary>What happened, with the limit and the remedy; null: it succeeded.</summary>
    /// <param name="program">What it is called.</param>
    /// <param name="limits">Those it ran under.</param>
    public string? Describe(string program, ProcessLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var text = Ending switch
        {
            ProcessEnding.Exited when ExitCode == 0 => null,
            ProcessEnding.Exited when ExitCode > 128 => $"{program} was ended by signal {(ExitCode - 128)?.ToString(CultureInfo.InvariantCulture)} after {Number(Seconds)} s (9 is often the system's: out of memory).",
            ProcessEnding.Exited => $"{program} ended with exit code {ExitCode?.ToString(CultureInfo.InvariantCulture)} after {Number(Seconds)} s.",
            ProcessEnding.NotStarted => $"{program} could not be started.",
            ProcessEnding.TimedOut => $"{program} ran longer than {Number(limits.Time.TotalSeconds)} s, the limit; give it more time, or less to do.",
            ProcessEnding.OutOfMemory => $"{program} held {Number(PeakMemoryBytes / 1048576.0)} MiB of memory, over the limit of {Number(limits.MemoryBytes / 1048576.0)} MiB; give it more memory, or fewer rows.",
            ProcessEnding.FolderTooLarge => $"{program} wrote more than {Number(limits.FolderBytes / 1048576.0)} MiB into its working folder, the limit; let it write less.",
            _ => $"{program} was cancelled after {Number(Seconds)} s.",
        };
        return text is null || LastLines.IsEmpty ? text : $"{text} Its last lines: {string.Join('\n', LastLines)}";
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
