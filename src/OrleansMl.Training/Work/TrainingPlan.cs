using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>
/// Everything that a training depends on, and nothing else: equal plans give equal files, on the same kind of machine. It lies as
/// <see cref="FileName"/> in the folder of the work.
/// </summary>
public sealed record TrainingPlan
{
    public const string FileName = "plan.json";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new ParameterValueConverter() } };

    /// <summary>Name of the model, and of the graph that is written.</summary>
    public required string Model { get; init; }

    /// <summary>Columns of the rows, in order.</summary>
    public required ImmutableArray<Column> Columns { get; init; }

    /// <summary>Stages as declared.</summary>
    public ImmutableArray<PipelineStageDefinition> Pipeline { get; init; } = [];

    /// <summary>0: a value is learned; else the number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Names of the classes; empty for a value.</summary>
    public ImmutableArray<string> ClassLabels { get; init; } = [];

    /// <summary>SHA-256 of the file of rows.</summary>
    public required string RowsHash { get; init; }

    /// <summary>Where that lies, from the folder of the work; no part of what the files depend on.</summary>
    public required string RowsFile { get; init; }

    /// <summary>SHA-256 of the file of rows that were served lately, whose labels mean nothing; null: there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ServedHash { get; init; }

    /// <summary>Where that lies; no part of what the files depend on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ServedFile { get; init; }

    public required SplitPlan Split { get; init; }

    /// <summary>One of <see cref="TrainerFactory.Types"/>, or <see cref="CommandTrainer.Type"/>.</summary>
    public required string Trainer { get; init; }

    /// <summary>Parameters of the trainer: double, bool or string.</summary>
    public ImmutableSortedDictionary<string, object> Parameters { get; init; } = ImmutableSortedDictionary<string, object>.Empty;

    public required long Seed { get; init; }

    /// <summary>Threads that the trainer may use; a part of what the files depend on, as sums in parallel are rounded by it.</summary>
    public required int Threads { get; init; }

    /// <summary>Name of the target.</summary>
    public string Target { get; init; } = "target";

    /// <summary>Limits of the validation of data; null: it is off.</summary>
    public ValidateDefinition? Validate { get; init; }

    /// <summary>Declared ranges of columns.</summary>
    public ImmutableArray<ColumnRange> Ranges { get; init; } = [];

    /// <summary>Parameters that are searched for first; null: none.</summary>
    public TuneDefinition? Tune { get; init; }

    /// <summary>The program, where the trainer is <see cref="CommandTrainer.Type"/>; else null.</summary>
    public CommandPlan? Command { get; init; }

    /// <summary>
    /// Which way of doing it the files come of, where it is no longer the first: plans that mean other files than they did have another hash. Tuning fits a pipeline
    /// for each fold, and the model of a program is written with the pipeline in front. Null: the first way.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Revision => Tune is not null || Command is not null ? 2 : null;

    /// <summary>SHA-256 of what the files depend on, in lower-case hexadecimal.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { RowsFile = "", ServedFile = null }, s_json)));

    /// <exception cref="JsonException">It is no plan.</exception>
    public static TrainingPlan Read(string folder) =>
        JsonSerializer.Deserialize<TrainingPlan>(File.ReadAllBytes(Path.Combine(folder, FileName)), s_json) ?? throw new JsonException("The plan is null.");

    public void Write(string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, s_json));
}
