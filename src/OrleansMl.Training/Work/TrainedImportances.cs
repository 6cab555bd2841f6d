using System.Collections.Immutable;
using System.Text.Json;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>What the columns do in a model that was trained. It lies as <see cref="FileName"/> beside the plan.</summary>
/// <param name="Measure">What the numbers are, one of the words of <see cref="ColumnImportances"/>.</param>
/// <param name="Columns">The largest, at most <see cref="Most"/>, in descending order.</param>
public sealed record TrainedImportances(string Measure, ImmutableArray<ColumnImportance> Columns)
{
    public const string FileName = "importances.json";

    /// <summary>Columns that are kept.</summary>
    public const int Most = 100;

    /// <summary>Null: the model tells nothing of the sort, or an earlier program trained it.</summary>
    public static TrainedImportances? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        return File.Exists(file) ? JsonSerializer.Deserialize<TrainedImportances>(File.ReadAllBytes(file)) : null;
    }

    internal static TrainedImportances? Of(LearnerModel model, FittedPipeline pipeline, TrainingRows train) =>
        ColumnImportances.Of(model, pipeline, train, out var measure) is { } all ? new TrainedImportances(measure, [.. all.Take(Most)]) : null;

    internal static void Write(string folder, TrainedImportances? importances) =>
        File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(importances));
}
