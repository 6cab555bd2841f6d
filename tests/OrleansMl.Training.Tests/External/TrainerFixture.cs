using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Training.Tests.External;

/// <summary>A working folder, rows of a known rule, and where the samples lie.</summary>
internal sealed class TrainerFixture : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("oml-trainer-").FullName;

    public List<(string Level, string Text)> Lines { get; } = [];

    public List<double> Progress { get; } = [];

    /// <summary>Of the repository.</summary>
    public static string Root { get; } = FindRoot();

    public static string Sample(string name) => Path.Combine(Root, "samples", "trainers", name, "train.py");

    /// <summary>Three features, one of them missing now and then; the class by x0 + 2 x1, or by thirds of it; the value 3 x0 − x1 + 2. x2 means nothing.</summary>
    public static CommandTrainingData Data(int classes, int rows = 400, bool weighted = false) => new(["x0", "x1, the second", "x2"], "up", [.. new[] { "DOWN", "UP", "FAR" }.Take(classes)], Rows(classes, rows, 1, weighted))
    {
        Validation = Rows(classes, rows / 2, 2, weighted),
        Seed = 7,
        Threads = 1,
    };

    public static TrainingRows Rows(int classes, int count, int seed, bool weighted = false)
    {
        var random = new Random(seed);
        var (dense, targets) = (new double[count * 3], new double[count]);
        for (var row = 0; row < count; row++)
        {
            var (x0, x1) = (random.NextDouble() - 0.5, random.NextDouble() - 0.5);
            var score = x0 + (2 * x1);
            targets[row] = classes switch
            {
                0 => (3 * x0) - x1 + 2,
                2 => score > 0 ? 1 : 0,
                _ => score > 0.4 ? 2 : score > -0.4 ? 1 : 0,
            };
            (dense[row * 3], dense[(row * 3) + 1], dense[(row * 3) + 2]) = (x0, x1, random.Next(4) == 0 ? double.NaN : random.NextDouble());
        }

        return new TrainingRows(count, dense, [], [], targets, weighted ? [.. Enumerable.Range(0, count).Select(row => 1.0 + (row % 2))] : null);
    }

    public Task<CommandTrainerResult> FitAsync(CommandTrainingData data, ImmutableArray<string> command, ImmutableSortedDictionary<string, object>? parameters = null, ProcessLimits? limits = null, CancellationToken cancellationToken = default)
        => CommandTrainer.FitAsync(
            new CommandTrainerSettings(command) { Parameters = parameters ?? ImmutableSortedDictionary<string, object>.Empty, Limits = limits ?? new ProcessLimits { Time = TimeSpan.FromMinutes(2) } },
            data,
            Folder,
            new Reported(Progress),
            (level, text) => Lines.Add((level, text)),
            cancellationToken);

    /// <summary>What a program that only copies a file ends in.</summary>
    public async Task<CommandTrainerException> RefusalAsync(CommandTrainingData data, byte[]? model, string? metrics = "{\"metrics\": {}}", string script = "")
    {
        if (model is not null)
            await File.WriteAllBytesAsync(Path.Combine(Folder, "given.onnx"), model);
        if (metrics is not null)
            await File.WriteAllTextAsync(Path.Combine(Folder, "given.json"), metrics);
        var copy = (model is null ? "" : "cp given.onnx model.onnx;") + (metrics is null ? "" : "cp given.json metrics.json;") + script;
        return await Assert.ThrowsAsync<CommandTrainerException>(() => FitAsync(data, ["/bin/sh", "-c", copy + "true"]));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OrleansMl.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The repository's root is not above the tests.");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private sealed class Reported(List<double> heard) : IProgress<double>
    {
        public void Report(double value) => heard.Add(value);
    }
}
