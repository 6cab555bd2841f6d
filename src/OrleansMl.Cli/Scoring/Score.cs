using System.Text.Json.Serialization;

namespace OrleansMl.Cli.Scoring;

/// <summary>How right a series of answers was. Members that a target has not, and those without a row, are null.</summary>
internal sealed record Score
{
    /// <summary>Rows of the "last" figures.</summary>
    public const int TailLength = 5000;

    /// <summary>Share of right labels; null for regression.</summary>
    public double? Accuracy { get; init; }

    /// <summary>The same over the last 5,000 rows (or all, when there are fewer).</summary>
    public double? AccuracyLast5000 { get; init; }

    /// <summary>Mean absolute error; regression only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Mae { get; init; }

    /// <summary>Root of the mean squared error; regression only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Rmse { get; init; }

    /// <summary>Mean absolute error over the last 5,000 rows; regression only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaeLast5000 { get; init; }

    /// <summary>Scores a series of errors as <see cref="ErrorOf"/> gives them.</summary>
    public static Score Of(IReadOnlyList<double> errors, bool regression)
    {
        if (errors.Count == 0 || errors.Any(double.IsNaN))
            return new();
        var mean = errors.Average();
        var tail = errors.Skip(errors.Count - TailLength).Average();
        return regression
            ? new() { Mae = mean, Rmse = Math.Sqrt(errors.Average(error => error * error)), MaeLast5000 = tail }
            : new() { Accuracy = 1 - mean, AccuracyLast5000 = 1 - tail };
    }

    /// <summary>
    /// 0 or 1 for a class, |answer − truth| for a number. An answer that names no class is wrong; a missing number has no
    /// error (NaN).
    /// </summary>
    public static double ErrorOf(double answer, double truth, bool regression) =>
        regression ? Math.Abs(answer - truth) : answer == truth ? 0 : 1;
}
