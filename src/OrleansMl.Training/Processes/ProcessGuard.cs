using System.Globalization;

namespace OrleansMl.Training;

/// <summary>
/// What stands between this process and a foreign program: a few lines of sh. It begins the program at nice 19 (by which its
/// input and output are of the lowest priority too) and stays beside it with our end of a pipe as its standard input. The system
/// closes that pipe however this process ends, kill -9 included; then the guard kills all that carries the mark of this run, a
/// variable of the environment that every descendant inherits, also one that left the session. The program itself need not
/// help. (PR_SET_PDEATHSIG would watch one child only, and the thread that began it instead of the process.)
/// </summary>
internal static class ProcessGuard
{
    /// <summary>The variable with the mark of the run.</summary>
    public const string MarkVariable = "ORLEANSML_TRAINING_RUN";

    /// <summary>
    /// $1: kilobytes of the largest file; then the program. The session is the guard's own (setsid), so its process id names the session and the
    /// group. A signal to the group interrupts `wait`, hence the loop; the first `wait` is asked for nothing, since the shell may have reaped a program that ended at once. The training is what the system shall end first where its memory runs out.
    /// </summary>
    private const string Script = $$"""
        exec 3<&0
        trap : TERM INT HUP
        echo 1000 2>/dev/null >/proc/self/oom_score_adj
        ulimit -c 0
        ulimit -f "$1" 2>/dev/null
        shift
        (
          trap '' TERM INT HUP
          read -r self rest </proc/self/stat
          while read -r line; do :; done
          for again in 1 2 3; do
            for file in $(grep -lzxF "{{MarkVariable}}=${{MarkVariable}}" /proc/[0-9]*/environ 2>/dev/null); do
              process=${file#/proc/}
              process=${process%/environ}
              [ "$process" = "$self" ] || kill -KILL "$process"
            done
          done
          kill -KILL 0
        ) <&3 >/dev/null 2>&1 &
        nice -n 19 "$@" </dev/null 3<&- &
        program=$!
        exec 3<&- </dev/null
        wait "$program"
        code=$?
        while [ "$code" -gt 128 ] && kill -0 "$program" 2>/dev/null; do wait "$program"; code=$?; done
        exit "$code"
        """;

    /// <summary>The guard with the program as arguments.</summary>
    public static IEnumerable<string> Arguments(TrainingProcessStart start, ProcessLimits limits)
    {
        // ulimit of sh counts blocks of 512 bytes (POSIX).
        var blocks = Math.Max(1, limits.FolderBytes / 512);
        return ["/bin/sh", "-c", Script, "guard", blocks.ToString(CultureInfo.InvariantCulture), .. start.Arguments];
    }

    /// <summary>The file of a program; null when there is none that may be executed.</summary>
    public static string? Find(string program, string folder, string? path)
    {
        if (program.Contains('/', StringComparison.Ordinal))
            return IsExecutable(Path.GetFullPath(program, folder)) ? program : null;
        return (path ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(place => Path.Combine(place, program)).FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string file)
        => File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
