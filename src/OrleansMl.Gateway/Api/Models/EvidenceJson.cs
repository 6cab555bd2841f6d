using System.Text.Json;
using OrleansMl.Gateway.Json;

namespace OrleansMl.Gateway.Api;

/// <summary>Evidence for one version against another as JSON.</summary>
internal static class EvidenceJson
{
    public static void Write(Utf8JsonWriter writer, PromotionEvidence evidence)
    {
        writer.WriteStartObject();
        writer.WriteString("test"u8, evidence.Test);
        writer.WriteString("metric"u8, evidence.Metric);
        writer.WriteNumber("n"u8, evidence.N);
        writer.WriteNumberOrNull("estimate"u8, evidence.Estimate);
        writer.WriteNumberOrNull("lower"u8, evidence.Lower);
        writer.WriteNumberOrNull("upper"u8, evidence.Upper);
        writer.WriteNumberOrNull("alpha"u8, evidence.Alpha);
        writer.WriteArray("slices"u8, evidence.Slices, Write);
        writer.WriteArray("droppedSlices"u8, evidence.DroppedSlices, static (writer, slice) => writer.WriteStringValue(slice));
        writer.WriteArray("guardrails"u8, evidence.Guardrails, Write);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, SliceEvidence slice)
    {
        writer.WriteStartObject();
        writer.WriteString("slice"u8, slice.Slice);
        writer.WriteNumber("n"u8, slice.N);
        writer.WriteNumberOrNull("estimate"u8, slice.Estimate);
        WriteBound(writer, "lower"u8, slice.Lower);
        WriteBound(writer, "upper"u8, slice.Upper);
        writer.WriteString("verdict"u8, slice.Verdict);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, GuardrailEvidence guardrail)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, guardrail.Name);
        writer.WriteNumber("n"u8, guardrail.N);
        writer.WriteNumberOrNull("value"u8, guardrail.Value);
        writer.WriteNumber("limit"u8, guardrail.Limit);
        writer.WriteString("verdict"u8, guardrail.Verdict);
        writer.WriteEndObject();
    }

    /// <summary>A bound; null where nothing bounds it yet, which is stored as the largest double.</summary>
    private static void WriteBound(Utf8JsonWriter writer, ReadOnlySpan<byte> name, double bound) =>
        writer.WriteNumberOrNull(name, Math.Abs(bound) < double.MaxValue ? bound : null);
}
