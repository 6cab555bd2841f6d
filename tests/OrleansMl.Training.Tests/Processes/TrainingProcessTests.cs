using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Training.Tests.Processes;

/// <summary>Real programs that behave, and that do not.</summary>
public sealed class TrainingProcessTests : IDisposable
{
    private readonly Scripts _scripts = new();

    public void Dispose() => _scripts.Dispose();

    [Fact]
    public async Task Lines_progress_and_the_exit_code_come_back()
    {
        var heard = new Heard();
        var end = await _scripts.RunAsync(_scripts.Shell("echo one; echo OML_PROGRESS 0.4; echo two >&2; echo OML_PROGRESS 7; printf last; exit 3"), progress: heard);
        Assert.Equal((ProcessEnding.Exited, 3), (end.Ending, end.ExitCode));
        Assert.Equal([0.4], heard.Fractions);
        Assert.Equal(["one", "OML_PROGRESS 7", "last"], _scripts.Lines.Where(line => line.Level == TrainingProcess.Information).Select(line => line.Text));
        Assert.Equal([(TrainingProcess.Warning, "two")], _scripts.Lines.Where(line => line.Level == TrainingProcess.Warning));
        Assert.Equal("two", Assert.Single(end.LastLines));
        Assert.Equal(ProcessCodes.CommandFailed, end.Code);
        Assert.Contains("ended with exit code 3", end.Describe("'train'", new ProcessLimits()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_exit_code_of_what_ends_at_once_is_never_lost()
    {
        var ends = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => TrainingProcess.RunAsync(_scripts.Shell("exit 7"), new ProcessLimits(), null, null, default)));
        Assert.All(ends, end => Assert.Equal((ProcessEnding.Exited, 7), (end.Ending, end.ExitCode)));
    }

    [Fact]
    public async Task No_shell_reads_the_arguments()
    {
        var end = await _scripts.RunAsync(new TrainingProcessStart(["/bin/echo", "$HOME", "; exit 9", "a b", "*"], _scripts.Folder));
        Assert.True(end.Succeeded);
        Assert.Null(end.Code);
        Assert.Equal(["$HOME ; exit 9 a b *"], _scripts.Lines.Select(line => line.Text));
    }

    [Fact]
    public async Task A_program_sees_the_stated_variables_and_no_others()
    {
        Environment.SetEnvironmentVariable("OML_TEST_SECRET", "hidden");
        try
        {
            await _scripts.RunAsync(new TrainingProcessStart(["/usr/bin/env"], _scripts.Folder) { Environment = ImmutableSortedDictionary<string, string>.Empty.Add("OMP_NUM_THREADS", "2") });
        }
        finally
        {
            Environment.SetEnvironmentVariable("OML_TEST_SECRET", null);
        }

        var names = _scripts.Lines.Select(line => line.Text.Split('=')[0]).ToArray();
        Assert.Contains("OMP_NUM_THREADS", names);
        Assert.Contains("PATH", names);
        Assert.Empty(names.Except([.. TrainingProcessStart.Inherited, "OMP_NUM_THREADS", ProcessGuard.MarkVariable, "PWD", "OLDPWD", "_", "SHLVL"]));
    }

    [Fact]
    public async Task It_runs_at_the_lowest_priority_in_its_folder_in_a_session_of_its_own()
    {
        await _scripts.RunAsync(_scripts.Shell("nice; pwd; cat /proc/self/oom_score_adj; cut -d' ' -f6 /proc/self/stat; cut -d' ' -f6 /proc/$1/stat", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        var lines = _scripts.Lines.Select(line => line.Text).ToArray();
        Assert.Equal(["19", _scripts.Folder, "1000"], lines[..3]);
        Assert.NotEqual(lines[4], lines[3]);
    }

    [Theory]
    [InlineData("no-such-program")]
    [InlineData("./no-such-program")]
    [InlineData("/etc/passwd")]
    public async Task A_program_that_is_not_there_is_said_by_name(string program)
    {
        var end = await _scripts.RunAsync(new TrainingProcessStart([program], _scripts.Folder));
        Assert.Equal((ProcessEnding.NotStarted, ProcessCodes.NotStarted), (end.Ending, end.Code));
        Assert.Contains($"'{program}'", end.LastLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_ignores_SIGTERM_is_killed_after_the_grace()
    {
        var end = await _scripts.RunAsync(
            _scripts.Shell("trap '' TERM; echo $$ >processes; while :; do sleep 1; done"),
            new ProcessLimits { Time = TimeSpan.FromSeconds(1), Grace = TimeSpan.FromSeconds(1) });
        Assert.Equal((ProcessEnding.TimedOut, ProcessCodes.TimedOut), (end.Ending, end.Code));
        Assert.Null(end.ExitCode);
        Assert.InRange(end.Seconds, 1.9, 30);
        Assert.False(Scripts.IsAlive(Assert.Single(_scripts.Processes())));
    }

    [Fact]
    public async Task What_hears_SIGTERM_may_clean_up()
    {
        var end = await _scripts.RunAsync(
            _scripts.Shell("trap 'echo cleaned; exit 0' TERM; while :; do sleep 0.1; done"),
            new ProcessLimits { Time = TimeSpan.FromSeconds(1), Grace = TimeSpan.FromSeconds(20) });
        Assert.Equal(ProcessEnding.TimedOut, end.Ending);
        Assert.InRange(end.Seconds, 1, 15);
        Assert.Contains("cleaned", _scripts.Lines.Select(line => line.Text));
    }

    [Fact]
    public async Task Children_in_the_background_and_in_sessions_of_their_own_die_with_it()
    {
        // Every way out: a plain child, a grandchild whose parent has ended, a session of its own, and one that also closed its output.
        var end = await _scripts.RunAsync(_scripts.Shell("""
            sleep 300 & echo $! >>processes
            sh -c 'sleep 300 & echo $! >>processes'
            setsid sh -c 'echo $$ >>processes; exec sleep 300' &
            setsid sh -c 'setsid sleep 300 >/dev/null 2>&1 & echo $! >>processes'
            while [ "$(wc -l <processes)" -lt 4 ]; do sleep 0.05; done
            """));
        Assert.True(end.Succeeded);
        var processes = _scripts.Processes();
        Assert.Equal(4, processes.Length);
        Assert.DoesNotContain(true, processes.Select(Scripts.IsAlive));
    }

    [Fact]
    public async Task Cancelling_ends_the_whole_tree()
    {
        using var source = new CancellationTokenSource();
        var running = _scripts.RunAsync(_scripts.Shell("echo $$ >processes; sleep 300 & echo $! >>processes; echo ready >there; wait"), cancellationToken: source.Token);
        await Scripts.EventuallyAsync(() => File.Exists(Path.Combine(_scripts.Folder, "there")), "the script begins");
        await source.CancelAsync();
        var end = await running;
        Assert.Equal((ProcessEnding.Cancelled, ProcessCodes.Cancelled), (end.Ending, end.Code));
        Assert.DoesNotContain(true, _scripts.Processes().Select(Scripts.IsAlive));
    }

    [Fact]
    public async Task A_flood_of_output_neither_blocks_it_nor_fills_memory()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var end = await _scripts.RunAsync(
            _scripts.Shell("yes 0123456789 | head -n 300000; head -c 30000000 /dev/zero | tr '\\0' x; echo; echo done >&2"),
            new ProcessLimits { Time = TimeSpan.FromSeconds(120), Lines = 100, LineBytes = 64 });
        Assert.True(end.Succeeded);
        Assert.Equal(100, _scripts.Lines.Count(line => line.Text == "0123456789"));
        Assert.Contains((TrainingProcess.Warning, "299901 more lines are left out; 100 of each output are told."), _scripts.Lines);
        Assert.All(_scripts.Lines, line => Assert.InRange(line.Text.Length, 1, 120));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 20 << 20);
    }

    [Fact]
    public async Task Memory_over_the_limit_ends_it_also_when_children_hold_it()
    {
        var script = "import os,sys,time\nfor i in range(2):\n  if os.fork()==0:\n    b=bytearray(os.urandom(1<<20)*80)\n    time.sleep(300)\ntime.sleep(300)";
        var end = await _scripts.RunAsync(Scripts.Python(_scripts.Folder, script), new ProcessLimits { Time = TimeSpan.FromSeconds(60), MemoryBytes = 120 << 20 });
        Assert.Equal((ProcessEnding.OutOfMemory, ProcessCodes.OutOfMemory), (end.Ending, end.Code));
        Assert.InRange(end.PeakMemoryBytes, 120L << 20, 400L << 20);
        Assert.Contains("over the limit of 120 MiB", end.Describe("'train'", new ProcessLimits { MemoryBytes = 120 << 20 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_that_forked_children_share_count_once()
    {
        // 60 MiB in one process and five children that only read it: 360 MiB if counted apart.
        var script = "import os,time\nb=bytearray(os.urandom(1<<20)*60)\nfor i in range(5):\n  if os.fork()==0:\n    time.sleep(2)\n    os._exit(0)\ntime.sleep(2)";
        var end = await _scripts.RunAsync(Scripts.Python(_scripts.Folder, script), new ProcessLimits { Time = TimeSpan.FromSeconds(60), MemoryBytes = 150 << 20 });
        Assert.True(end.Succeeded, end.Describe("python", new ProcessLimits()));
        Assert.InRange(end.PeakMemoryBytes, 50L << 20, 150L << 20);
    }

    [Fact]
    public async Task A_folder_that_grows_over_the_limit_ends_it()
    {
        var end = await _scripts.RunAsync(
            _scripts.Shell("i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero >part$i; sleep 0.05; done"),
            new ProcessLimits { Time = TimeSpan.FromSeconds(60), FolderBytes = 5_000_000 });
        Assert.Equal((ProcessEnding.FolderTooLarge, ProcessCodes.FolderTooLarge), (end.Ending, end.Code));
    }

    [Fact]
    public async Task One_file_is_stopped_at_the_limit_by_the_system()
    {
        var end = await _scripts.RunAsync(_scripts.Shell("head -c 9000000 /dev/zero >big; exit $?"), new ProcessLimits { Time = TimeSpan.FromSeconds(60), FolderBytes = 1_000_000 });
        Assert.False(end.Succeeded);
        Assert.InRange(new FileInfo(Path.Combine(_scripts.Folder, "big")).Length, 0, 1_000_000);
    }

    private sealed class Heard : IProgress<double>
    {
        public List<double> Fractions { get; } = [];

        public void Report(double value) => Fractions.Add(value);
    }
}
