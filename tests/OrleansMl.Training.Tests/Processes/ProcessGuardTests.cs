using System.Diagnostics;

namespace OrleansMl.Training.Tests.Processes;

/// <summary>What the guard does when the process that began it dies without a word.</summary>
public sealed class ProcessGuardTests : IDisposable
{
    private readonly Scripts _scripts = new();

    public void Dispose() => _scripts.Dispose();

    [Fact]
    public async Task A_parent_that_is_killed_takes_everything_with_it()
    {
        // The parent is a process of its own, so that it can be killed; it holds the guard's input as TrainingProcess does.
        var start = _scripts.Shell("""
            trap '' TERM HUP
            echo $$ >>processes
            sleep 300 & echo $! >>processes
            setsid sh -c 'trap "" TERM HUP; echo $$ >>processes; setsid sleep 300 >/dev/null 2>&1 & echo $! >>processes; wait' &
            wait
            """);
        var info = new ProcessStartInfo("/usr/bin/python3", ["-c", "import subprocess,sys,time\np=subprocess.Popen(sys.argv[1:],stdin=subprocess.PIPE)\nopen('guard','w').write(str(p.pid)+'\\n')\ntime.sleep(300)", "setsid", .. ProcessGuard.Arguments(start, new ProcessLimits())])
        {
            WorkingDirectory = _scripts.Folder,
        };
        info.Environment[ProcessGuard.MarkVariable] = Guid.NewGuid().ToString("N");
        using var parent = Process.Start(info)!;
        await Scripts.EventuallyAsync(() => _scripts.Processes().Length == 4 && _scripts.Processes("guard").Length == 1, "the tree stands");
        Assert.All(_scripts.Processes(), process => Assert.True(Scripts.IsAlive(process)));

        parent.Kill();
        await parent.WaitForExitAsync();
        await Scripts.EventuallyAsync(() => _scripts.Processes().Concat(_scripts.Processes("guard")).All(process => !Scripts.IsAlive(process)), "nothing is left");
    }

    [Fact]
    public async Task A_guard_that_is_killed_leaves_nothing_behind()
    {
        var running = _scripts.RunAsync(_scripts.Shell("echo $PPID >guard; sleep 300 & echo $! >>processes; echo $$ >>processes; wait"));
        await Scripts.EventuallyAsync(() => _scripts.Processes().Length == 2, "the tree stands");
        Process.GetProcessById(Assert.Single(_scripts.Processes("guard"))).Kill();
        var end = await running;
        Assert.Equal((ProcessEnding.Exited, 137), (end.Ending, end.ExitCode));
        Assert.DoesNotContain(true, _scripts.Processes().Select(Scripts.IsAlive));
    }
}
