using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Jobs;
using OrleansMl.Learning;

namespace OrleansMl.Evaluations;

/// <summary>Evaluations as JSON: the result of a job, and the parts that other answers share.</summary>
public static class EvaluationJson
{
    internal static string Write(JobSpec spec, EvaluationReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("rows", report.Seen);
            writer.WriteNumber("used", report.Used);
            writer.WriteNumber("byPrior", report.ByPrior);
            writer.WriteSkipped(report.Skipped);
            writer.WriteNumber("level", ConfidenceInterval.DefaultLevel);
            writer.WriteNumber("seed", spec.Seed ?? 1);
            writer.WriteStartArray("results");
            foreach (var figure in report.Figures)
                WriteFigure(writer, figure);
            writer.WriteEndArray();
            if (!report.Confusions.IsEmpty)
                WriteConfusions(writer, report.Confusions);
            if (report.Policy is { } policy)
                WritePolicy(writer, policy);
            writer.WriteWarnings(report.Warnings);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>One figure as an object: version, baseline, metric, value, ci, n, slice.</summary>
    public static void WriteFigure(Utf8JsonWriter writer, EvaluationFigure figure)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(figure);
        writer.WriteStartObject();
        writer.WriteString("version", figure.Version?.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("baseline", figure.Baseline);
        writer.WriteString("metric", figure.Metric);
        writer.WriteNumberOrNull("value", figure.Value);
        writer.WriteInterval(figure.Lower, figure.Upper);
        writer.WriteNumber("n", figure.Count);
        if (figure.Slice is { } slice)
        {
            writer.WriteStartObject("slice");
            writer.WriteString("column", slice.Column);
            writer.WriteString("value", slice.Value);
            writer.WriteBoolean("small", slice.IsSmall);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("slice");
        }

        writer.WriteEndObject();
    }

    private static void WriteConfusions(Utf8JsonWriter writer, ImmutableArray<EvaluationConfusion> confusions)
    {
        writer.WriteStartArray("confusion");
        foreach (var confusion in confusions)
        {
            writer.WriteStartObject();
            writer.WriteString("version", confusion.Version.ToString(CultureInfo.InvariantCulture));
            writer.WriteStartArray("cells");
            foreach (var cell in confusion.Cells)
            {
                writer.WriteStartObject();
                writer.WriteString("actual", cell.Actual);
                writer.WriteString("predicted", cell.Predicted);
                writer.WriteNumber("n", cell.Count);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteNumber("others", confusion.Others);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WritePolicy(Utf8JsonWriter writer, OffPolicyRun policy)
    {
        writer.WriteStartObject("policy");
        writer.WriteNumber("decisions", policy.Decisions.Seen);
        writer.WriteNumber("withoutPropensity", policy.WithoutPropensity);
        writer.WriteStartArray("estimates");
        foreach (var (name, estimate) in policy.Estimate())
        {
            writer.WriteStartObject();
            writer.WriteString("method", name);
            writer.WriteNumberOrNull("value", estimate.Value.Estimate);
            writer.WriteInterval(estimate.Value.Lower, estimate.Value.Upper);
            writer.WriteNumber("n", estimate.Count);
            writer.WriteNumberOrNull("effectiveSampleSize", estimate.EffectiveSampleSize);
            writer.WriteNumberOrNull("maxWeight", estimate.MaxWeight);
            writer.WriteNumberOrNull("meanWeight", estimate.MeanWeight);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
