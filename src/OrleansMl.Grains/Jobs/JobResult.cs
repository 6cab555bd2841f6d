using System.Text.Json;

namespace OrleansMl.Jobs;

/// <summary>The JSON that results of jobs have alike.</summary>
internal static class JobResult
{
    /// <summary>A number; null for none and for what JSON cannot carry.</summary>
    public static void WriteNumberOrNull(this Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }

    /// <summary>A confidence interval, [lower, upper], as the member <c>ci</c>; null where an end is not known.</summary>
    public static void WriteInterval(this Utf8JsonWriter writer, double? lower, double? upper)
    {
        if (lower is not { } low || upper is not { } high || !double.IsFinite(low) || !double.IsFinite(high))
        {
            writer.WriteNull("ci");
            return;
        }

        writer.WriteStartArray("ci");
        writer.WriteNumberValue(low);
        writer.WriteNumberValue(high);
        writer.WriteEndArray();
    }

    /// <summary>Rows that were passed over, by why.</summary>
    public static void WriteSkipped(this Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, long>> skipped)
    {
        writer.WriteStartObject("skipped");
        foreach (var (why, count) in skipped)
            writer.WriteNumber(why, count);
        writer.WriteEndObject();
    }

    /// <summary>What whoever reads the result should know of it.</summary>
    public static void WriteWarnings(this Utf8JsonWriter writer, IEnumerable<string> warnings)
    {
        writer.WriteStartArray("warnings");
        foreach (var warning in warnings)
            writer.WriteStringValue(warning);
        writer.WriteEndArray();
    }
}
