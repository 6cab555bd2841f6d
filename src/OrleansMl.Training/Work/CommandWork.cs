using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>A training by a program of the user's own.</summary>
internal static class CommandWork
{
    private const string FolderName = "command";

    /// <summary>Runs the program in an empty folder beside the plan; what it says goes among our lines, marked, since a line of its own must not be taken for one of ours.</summary>
    /// <exception cref="CommandTrainerException">It gave no model that can be served.</exception>
    public static CommandTrainerResult Fit(TrainingPlan plan, FittedPipeline pipeline, TrainingRows train, TrainingRows? validation, string folder, TextWriter output, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var at = Path.Combine(folder, FolderName);
        if (Directory.Exists(at))
            Directory.Delete(at, recursive: true);
        Directory.CreateDirectory(at);
        var command = plan.Command ?? throw new WorkException(ProcessCodes.NotStarted, "The plan names no command for its trainer; declare one.");
        var limits = new ProcessLimits();
        var settings = new CommandTrainerSettings(command.Arguments)
        {
            Parameters = plan.Parameters,
            Limits = limits with { Time = command.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromDays(30), MemoryBytes = command.MemoryBytes ?? long.MaxValue },
        };
        var data = new CommandTrainingData(pipeline.DenseNames, plan.Target, plan.ClassLabels, train) { Validation = validation, Categories = pipeline.DenseCategories, Seed = plan.Seed, Threads = plan.Threads };
        var gate = new Lock();
        var result = CommandTrainer.FitAsync(settings, data, at, new Locked(gate, progress), (_, text) => Say("trainer: " + text), cancellationToken).GetAwaiter().GetResult();
        foreach (var (name, value) in result.Metrics)
            Say(WorkWords.Metric("trainer." + name.Replace(' ', '_'), value));
        Directory.Delete(at, recursive: true);
        return result;

        void Say(string line)
        {
            lock (gate)
                output.WriteLine(line);
        }
    }

    /// <summary>The pipeline and the program's model in one graph: it takes the columns, as that of every other trainer.</summary>
    /// <exception cref="CommandTrainerException">They cannot be one graph.</exception>
    public static byte[] Compose(TrainingPlan plan, FittedPipeline pipeline, CommandTrainerResult trained)
    {
        try
        {
            return OnnxExporter.ExportForeign(pipeline, trained.Core, plan.Classes, new ExportOptions { ModelName = plan.Model, ClassLabels = plan.ClassLabels });
        }
        catch (ModelLoadException exception)
        {
            throw new CommandTrainerException(CommandTrainerCodes.NotComposed, $"The trainer's {CommandFolder.Model} cannot be served behind the pipeline. {exception.Message}", exception);
        }
    }

    private sealed class Locked(Lock gate, IProgress<double> progress) : IProgress<double>
    {
        public void Report(double value)
        {
            lock (gate)
                progress.Report(value);
        }
    }
}
