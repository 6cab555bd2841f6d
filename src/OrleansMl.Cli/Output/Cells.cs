using System.Globalization;
using System.Text.Json;

namespace OrleansMl.Cli.Output;

/// <summary>Members of an answer as cells of a table; a dash where there is none.</summary>
internal static class Cells
{
    private const string None = "-";

    /// <summary>A member as text; a dash where it is null.</summary>
    public static string Text(JsonElement element, string name) =>
        element.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.ToString() : None;

    /// <summary>A number in a format of its own; a dash where it is none.</summary>
    public static string Number(JsonElement element, string format) =>
        element.ValueKind == JsonValueKind.Number ? element.GetDouble().ToString(format, CultureInfo.InvariantCulture) : None;

    /// <summary>Value, low and high of a metric: its members <c>value</c> and <c>ci</c>.</summary>
    public static string[] Estimate(JsonElement figure)
    {
        const string format = "0.0000";
        var interval = figure.GetProperty("ci");
        return interval.ValueKind == JsonValueKind.Array
            ? [Number(figure.GetProperty("value"), format), Number(interval[0], format), Number(interval[1], format)]
            : [Number(figure.GetProperty("value"), format), None, None];
    }

    /// <summary>Series, statistic, threshold and p-value of what a drift monitor found.</summary>
    public static string[] Drift(JsonElement evidence)
    {
        const string format = "G4";
        if (evidence.ValueKind == JsonValueKind.Null)
            return [None, None, None, None];
        var corrected = evidence.GetProperty("correctedPValue");
        var probability = corrected.ValueKind == JsonValueKind.Null ? evidence.GetProperty("pValue") : corrected;
        return
        [
            Text(evidence, "series"), Number(evidence.GetProperty("statistic"), format),
            Number(evidence.GetProperty("threshold"), format), Number(probability, format),
        ];
    }
}
