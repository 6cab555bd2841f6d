using System.Globalization;

namespace OrleansMl.Training;

/// <summary>
/// What the work says on its standard output, one thing a line: <c>OML_PROGRESS x</c>, <c>OML_STEP name</c> as a step is done,
/// <c>OML_METRIC name value</c>, <c>OML_WARNING text</c>; every other line is for people.
/// </summary>
public static class WorkWords
{
    /// <summary>The work has ended, and <see cref="WorkFailure"/> says why it could not be done.</summary>
    public const int FailedExitCode = 3;

    private const string StepWord = "OML_STEP ";
    private const string MetricWord = "OML_METRIC ";
    private const string WarningWord = "OML_WARNING ";

    internal static string Progress(double fraction) => string.Create(CultureInfo.InvariantCulture, $"OML_PROGRESS {Math.Clamp(fraction, 0, 1):0.0000}");

    internal static string Step(string name) => StepWord + name;

    internal static string Metric(string name, double value) => string.Create(CultureInfo.InvariantCulture, $"{MetricWord}{name} {value:R}");

    internal static string Warning(string text) => WarningWord + text.ReplaceLineEndings(" ");

    /// <summary>The step that a line says is done; null: it says none.</summary>
    public static string? StepOf(string line) => line.StartsWith(StepWord, StringComparison.Ordinal) ? line[StepWord.Length..] : null;

    /// <summary>What a line warns of; null: it is no warning.</summary>
    public static string? WarningOf(string line) => line.StartsWith(WarningWord, StringComparison.Ordinal) ? line[WarningWord.Length..] : null;

    /// <summary>The figure that a line says; null: it says none.</summary>
    public static (string Name, double Value)? MetricOf(string line)
    {
        if (!line.StartsWith(MetricWord, StringComparison.Ordinal))
            return null;
        var rest = line.AsSpan(MetricWord.Length);
        var space = rest.LastIndexOf(' ');
        return space > 0 && double.TryParse(rest[(space + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? (rest[..space].ToString(), value) : null;
    }
}
