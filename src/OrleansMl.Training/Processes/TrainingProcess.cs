using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace OrleansMl.Training;

/// <summary>
/// Runs a foreign program to its end, at the lowest priority, under limits, and leaves nothing of it behind: neither a process that
/// it started, nor one where this process is killed (see <see cref="ProcessGuard"/>). Linux, with sh and setsid.
/// </summary>
public static class TrainingProcess
{
    /// <summary>Level of a line of the standard output.</summary>
    public const string Information = "information";

    /// <summary>Level of a line of the standard error.</summary>
    public const string Warning = "warning";

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks at the folder are fewer: it may hold many files.</summary>
    private const int LooksPerFolder = 4;

    /// <summary>Runs a program.</summary>
    /// <param name="start">The program.</param>
    /// <param name="limits">What it may use.</param>
    /// <param name="progress">Hears x of a line <c>OML_PROGRESS x</c> of its standard output, x in [0, 1].</param>
    /// <param name="onLine">Hears every other line, level and text, one at a time; from a thread of the pool.</param>
    /// <param name="cancellationToken">Ends the program; the answer says so.</param>
    /// <exception cref="ArgumentException">No program, or no such folder.</exception>
    public static async Task<TrainingProcessEnd> RunAsync(TrainingProcessStart start, ProcessLimits limits, IProgress<double>? progress, Action<string, string>? onLine, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(limits);
        if (start.Arguments.IsDefaultOrEmpty || start.Arguments[0].Length == 0)
            throw new ArgumentException("There is no program to run; give it as the first argument.", nameof(start));
        if (!Directory.Exists(start.Folder))
            throw new ArgumentException($"There is no folder '{start.Folder}' to run '{start.Arguments[0]}' in.", nameof(start));
        var watch = Stopwatch.StartNew();
        if (cancellationToken.IsCancellationRequested)
            return new TrainingProcessEnd(ProcessEnding.Cancelled, null, [], 0, 0);

        var mark = Guid.NewGuid().ToString("N");
        var info = Info(start, limits, mark);
        if (ProcessGuard.Find(start.Arguments[0], start.Folder, info.Environment.TryGetValue("PATH", out var path) ? path : null) is null)
            return NotStarted($"There is no program '{start.Arguments[0]}' that may be executed; give its full path, or install it.");
        using var process = new Process { StartInfo = info };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return NotStarted($"'{info.FileName}' (of util-linux), which starts programs, cannot be run: {exception.Message}");
        }

        var tree = new ProcessTree(process.Id, mark);
        var lines = new Lock();
        var output = new OutputLines(limits, text => Tell(Information, text), progress is null ? null : progress.Report);
        var errors = new OutputLines(limits, text => Tell(Warning, text), null);
        using var reading = new CancellationTokenSource();
        var readers = Task.WhenAll(
            output.ReadAsync(process.StandardOutput.BaseStream, reading.Token),
            errors.ReadAsync(process.StandardError.BaseStream, reading.Token));
        var exited = process.WaitForExitAsync(CancellationToken.None);
        ProcessEnding ending;
        long peak;
        try
        {
            (ending, peak) = await WatchAsync(exited, tree, start.Folder, limits, watch, cancellationToken).ConfigureAwait(false);
            if (ending != ProcessEnding.Exited)
            {
                tree.Terminate();
                await Task.WhenAny(exited, Task.Delay(limits.Grace, CancellationToken.None)).ConfigureAwait(false);
            }
        }
        finally
        {
            // Also after an end by itself: what it left behind would hold our pipes.
            await tree.KillAsync().ConfigureAwait(false);
        }

        await exited.ConfigureAwait(false);
        await EndAsync(readers, reading, limits.Grace).ConfigureAwait(false);
        if (output.Untold + errors.Untold is > 0 and var untold)
            Tell(Warning, $"{untold.ToString(CultureInfo.InvariantCulture)} more lines are left out; {limits.Lines.ToString(CultureInfo.InvariantCulture)} of each output are told.");
        return new TrainingProcessEnd(ending, ending == ProcessEnding.Exited ? process.ExitCode : null, [.. errors.Last.Count > 0 ? errors.Last : output.Last], peak, watch.Elapsed.TotalSeconds);

        void Tell(string level, string text)
        {
            lock (lines)
                onLine?.Invoke(level, text);
        }

        TrainingProcessEnd NotStarted(string why) => new(ProcessEnding.NotStarted, null, [why], 0, watch.Elapsed.TotalSeconds);
    }

    private static ProcessStartInfo Info(TrainingProcessStart start, ProcessLimits limits, string mark)
    {
        var info = new ProcessStartInfo("setsid", ProcessGuard.Arguments(start, limits))
        {
            WorkingDirectory = start.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        info.Environment.Clear();
        foreach (var name in TrainingProcessStart.Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                info.Environment[name] = value;
        }

        foreach (var (name, value) in start.Environment)
            info.Environment[name] = value;
        info.Environment[ProcessGuard.MarkVariable] = mark;
        return info;
    }

    private static async Task<(ProcessEnding Ending, long Peak)> WatchAsync(Task exited, ProcessTree tree, string folder, ProcessLimits limits, Stopwatch watch, CancellationToken cancellationToken)
    {
        long peak = 0;
        for (var look = 0; ; look++)
        {
            peak = Math.Max(peak, tree.MemoryBytes(limits.MemoryBytes));
            if (exited.IsCompleted)
                return (ProcessEnding.Exited, peak);
            if (cancellationToken.IsCancellationRequested)
                return (ProcessEnding.Cancelled, peak);
            if (peak > limits.MemoryBytes)
                return (ProcessEnding.OutOfMemory, peak);
            if (watch.Elapsed >= limits.Time)
                return (ProcessEnding.TimedOut, peak);
            if (look % LooksPerFolder == LooksPerFolder - 1 && FolderBytes(folder) > limits.FolderBytes)
                return (ProcessEnding.FolderTooLarge, peak);
            var left = limits.Time - watch.Elapsed;
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(exited, Task.Delay(left < s_lookEvery && left > TimeSpan.Zero ? left : s_lookEvery, waiting.Token)).ConfigureAwait(false);
            await waiting.CancelAsync().ConfigureAwait(false);
        }
    }

    private static long FolderBytes(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Sum(file => file.Length);
        }
        catch (IOException)
        {
            // A file went away while it was looked at: the next look counts.
            return 0;
        }
    }

    /// <summary>A process that shook off session, parent and mark could hold the pipes for ever.</summary>
    private static async Task EndAsync(Task readers, CancellationTokenSource reading, TimeSpan patience)
    {
        if (await Task.WhenAny(readers, Task.Delay(patience, CancellationToken.None)).ConfigureAwait(false) != readers)
            await reading.CancelAsync().ConfigureAwait(false);
        try
        {
            await readers.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // What was read is kept.
        }
    }
}
