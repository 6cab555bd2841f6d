using System.Globalization;

namespace OrleansMl.Training.Tests.Processes;

/// <summary>Threads that give way.</summary>
public sealed class ThreadNiceTests
{
    [SkippableFact]
    public void A_thread_that_is_made_nicer_is_so_alone()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only on Linux a thread has a nice value of its own.");
        var (before, own, other) = (Nice(), -1, -1);
        var thread = new Thread(() =>
        {
            ThreadNice.Lower(19);
            own = Nice();
        });
        thread.Start();
        thread.Join();
        var beside = new Thread(() => other = Nice());
        beside.Start();
        beside.Join();
        Assert.Equal(19, own);
        Assert.Equal(before, other);
        Assert.Throws<ArgumentOutOfRangeException>(() => ThreadNice.Lower(20));
    }

    /// <summary>The 19th field of the thread's line (proc(5)); what stands before the last bracket is its name.</summary>
    private static int Nice()
    {
        var line = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
