using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Inference;

namespace OrleansMl.Training;

/// <summary>
/// Trains by a program of any language: it finds <c>train.csv</c>, <c>validation.csv</c>, <c>schema.json</c> and <c>params.json</c> in its working
/// folder and writes <c>model.onnx</c> and <c>metrics.json</c> (docs/training.md). Equal rows and seed need not give equal models: that is the program's affair.
/// </summary>
public static class CommandTrainer
{
    /// <summary>Name in application files and jobs.</summary>
    public const string Type = "command";

    /// <summary>Trains.</summary>
    /// <param name="settings">The program and its limits.</param>
    /// <param name="data">What it learns from.</param>
    /// <param name="folder">An empty folder; the caller deletes it.</param>
    /// <param name="progress">Hears how far it says it is, 0 to 1.</param>
    /// <param name="onLine">Hears its output, level and text.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CommandTrainerException">It gave no model that can be served; says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static async Task<CommandTrainerResult> FitAsync(CommandTrainerSettings settings, CommandTrainingData data, string folder, IProgress<double>? progress, Action<string, string>? onLine, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(data);
        Check(data);
        CommandFolder.Write(folder, data, settings);
        var end = await TrainingProcess.RunAsync(Start(settings, data, folder), settings.Limits, progress, onLine, cancellationToken).ConfigureAwait(false);
        if (end.Ending == ProcessEnding.Cancelled)
            throw new OperationCanceledException("The trainer was cancelled.", cancellationToken);
        if (end.Code is { } code)
            throw new CommandTrainerException(code, end.Describe($"The trainer '{settings.Command[0]}'", settings.Limits)!);
        var artifact = ReadModel(folder, settings.MaxModelBytes);
        new CommandModelCheck(data).Check(artifact, cancellationToken);
        var metrics = CommandFolder.ReadMetrics(folder);
        return new CommandTrainerResult(ToCore(artifact), metrics, end);
    }

    private static void Check(CommandTrainingData data)
    {
        if (data.Train.HashedCount > 0)
            throw new CommandTrainerException(CommandTrainerCodes.HashedFeatures, $"The pipeline gives {data.Train.HashedCount} hashed features a row, and a program is given dense features alone; use one_hot for these columns, or leave them out.");
        foreach (var rows in new[] { data.Train, data.Validation })
        {
            if (rows is { Count: > 0 } && rows.DenseCount != data.Features.Length)
                throw new ArgumentException($"The rows hold {rows.DenseCount} dense features; there are {data.Features.Length} names.", nameof(data));
        }

        if (data.Train.Count == 0)
            throw new ArgumentException("There is no row to train on.", nameof(data));
    }

    private static TrainingProcessStart Start(CommandTrainerSettings settings, CommandTrainingData data, string folder)
    {
        // Libraries of numbers take every core unless they are told otherwise, and Python shuffles its sets by a seed of its own.
        var threads = data.Threads.ToString(CultureInfo.InvariantCulture);
        return new TrainingProcessStart(settings.Command, folder)
        {
            Environment = ImmutableSortedDictionary<string, string>.Empty
                .Add("OMP_NUM_THREADS", threads)
                .Add("OPENBLAS_NUM_THREADS", threads)
                .Add("MKL_NUM_THREADS", threads)
                .Add("PYTHONHASHSEED", "0")
                .Add("PYTHONUNBUFFERED", "1")
                .Add("PYTHONDONTWRITEBYTECODE", "1"),
        };
    }

    private static byte[] ReadModel(string folder, long maxBytes)
    {
        var file = new FileInfo(Path.Combine(folder, CommandFolder.Model));

        // A pipe or a device has the length 0, and reading it might never end.
        if (!file.Exists || file.Length == 0)
            throw new CommandTrainerException(CommandTrainerCodes.NoModel, $"The trainer ended well and wrote no {CommandFolder.Model}, or an empty one; it must write the model into its working folder.");
        if (file.Length > maxBytes)
            throw new CommandTrainerException(CommandTrainerCodes.NotOnnx, $"The trainer's {CommandFolder.Model} has {file.Length} bytes; at most {maxBytes} are taken.");
        return File.ReadAllBytes(file.FullName);
    }

    private static byte[] ToCore(byte[] artifact)
    {
        try
        {
            return ForeignModel.ToCore(artifact);
        }
        catch (ModelLoadException exception)
        {
            throw new CommandTrainerException(CommandTrainerCodes.WrongSignature, exception.Message, exception);
        }
    }
}
