using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Training.Tests.Processes;

/// <summary>A folder with what a script writes into it, and ways to see its processes.</summary>
internal sealed class Scripts : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("oml-process-").FullName;

    public List<(string Level, string Text)> Lines { get; } = [];

    public TrainingProcessStart Shell(string script, params string[] arguments) => new(["/bin/sh", "-c", script, "script", .. arguments], Folder);

    public static TrainingProcessStart Python(string folder, string script) => new(["/usr/bin/python3", "-c", script], folder);

    public Task<TrainingProcessEnd> RunAsync(TrainingProcessStart start, ProcessLimits? limits = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
        => TrainingProcess.RunAsync(start, limits ?? new ProcessLimits { Time = TimeSpan.FromSeconds(60) }, progress, (level, text) => Lines.Add((level, text)), cancellationToken);

    /// <summary>Process ids that a script has written into a file, one a line.</summary>
    public ImmutableArray<int> Processes(string file = "processes")
        => File.Exists(Path.Combine(Folder, file)) ? [.. File.ReadAllLines(Path.Combine(Folder, file)).Select(line => int.Parse(line, CultureInfo.InvariantCulture))] : [];

    /// <summary>A process that runs; a zombie does not.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Waits, for a minute at most, until something holds: it looks, and never assumes that a time is enough.</summary>
    public static async Task EventuallyAsync(Func<bool> holds, string what)
    {
        for (var look = 0; look < 3000 && !holds(); look++)
            await Task.Delay(20, CancellationToken.None);
        Assert.True(holds(), what);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
