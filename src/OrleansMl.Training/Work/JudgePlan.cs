using System.Collections.Immutable;
using System.Text.Json;

namespace OrleansMl.Training;

/// <summary>
/// Asks for the figures of what several have answered for the same rows: columns of a <see cref="NumberTable"/> in
/// <see cref="AnswersFile"/>, of which <see cref="Label"/> is the truth. It lies as <see cref="FileName"/> beside the plan.
/// </summary>
/// <param name="Metrics">Kinds of metrics of rows.</param>
/// <param name="Threshold">A score of at least this is the positive class.</param>
/// <param name="Seed">Of the bootstrap.</param>
public sealed record JudgePlan(ImmutableArray<string> Metrics, double Threshold, long Seed)
{
    /// <summary>Above 2: so many classes, and the columns are those of <see cref="ClassAnswerColumns"/>. Else each column is one score.</summary>
    public int Classes { get; init; }

    public const string FileName = "judge.json";
    public const string AnswersFile = "answers.bin";
    public const string FiguresFile = "figures.json";
    public const string Label = "label";

    public void Write(string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>Null: nothing is asked.</summary>
    public static JudgePlan? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        return File.Exists(file) ? JsonSerializer.Deserialize<JudgePlan>(File.ReadAllBytes(file)) : null;
    }

    /// <summary>What came out.</summary>
    public static ImmutableArray<JudgedFigure> ReadFigures(string folder) =>
        JsonSerializer.Deserialize<ImmutableArray<JudgedFigure>>(File.ReadAllBytes(Path.Combine(folder, FiguresFile)));
}

/// <summary>A metric of one column of answers.</summary>
/// <param name="Of">Name of the column.</param>
/// <param name="Metric">Kind of the metric.</param>
/// <param name="Value">Null: it is not defined on these rows.</param>
/// <param name="Lower">Of the 95 % interval; null: there is none.</param>
/// <param name="Upper">Of the 95 % interval; null: there is none.</param>
public sealed record JudgedFigure(string Of, string Metric, double? Value, double? Lower, double? Upper);
