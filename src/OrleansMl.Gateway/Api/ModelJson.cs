using System.Collections.Immutable;
using System.Text.Json;
using OrleansMl.Gateway.Json;

namespace OrleansMl.Gateway.Api;

/// <summary>Models, versions, aliases and promotions as JSON.</summary>
internal static class ModelJson
{
    public static void WriteModel(Utf8JsonWriter writer, ModelInfo model)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, model.Name);
        writer.WriteStartObject("aliases"u8);
        foreach (var (alias, version) in model.Aliases)
        {
            writer.WritePropertyName(alias);
            writer.WriteVersionValue(version);
        }

        writer.WriteEndObject();
        if (model.Traffic is { } traffic)
        {
            writer.WriteStartObject("traffic"u8);
            TrafficOperations.Write(writer, traffic);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("traffic"u8);
        }

        writer.WriteNumber("planRevision"u8, model.PlanRevision);
        writer.WriteStartArray("versions"u8);
        foreach (var version in model.Versions.IsDefault ? [] : model.Versions)
            WriteVersion(writer, version);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WriteVersion(Utf8JsonWriter writer, ModelVersionInfo info)
    {
        var manifest = info.Manifest;
        writer.WriteStartObject();
        writer.WriteString("model"u8, manifest.Model);
        writer.WriteVersion("version"u8, manifest.Version);
        writer.WriteString("digest"u8, manifest.Digest);
        writer.WriteString("artifactSha256"u8, manifest.ArtifactSha256);
        writer.WriteNumber("artifactBytes"u8, manifest.ArtifactBytes);
        writer.WriteString("state"u8, NameOf(info.State));
        writer.WriteString("reason"u8, info.Reason);
        writer.WriteStartObject("signature"u8);
        WriteTensors(writer, "inputs"u8, manifest.Inputs);
        WriteTensors(writer, "outputs"u8, manifest.Outputs);
        writer.WriteEndObject();
        writer.WriteJson("pipeline"u8, manifest.Pipeline);
        writer.WriteJson("postprocess"u8, manifest.Postprocess);
        writer.WriteVersion("parent"u8, manifest.Parent);
        writer.WriteStartObject("tags"u8);
        foreach (var (name, value) in manifest.Tags)
            writer.WriteString(name, value);
        writer.WriteEndObject();
        writer.WriteTime("created"u8, info.Created);
        writer.WriteEndObject();
    }

    public static void WriteTensors(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ImmutableArray<TensorInfo> tensors)
    {
        writer.WriteStartArray(name);
        foreach (var tensor in tensors.IsDefault ? [] : tensors)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, tensor.Name);
            writer.WriteString("datatype"u8, tensor.Datatype);
            writer.WriteStartArray("shape"u8);
            foreach (var dimension in tensor.Shape.IsDefault ? [] : tensor.Shape)
                writer.WriteNumberValue(dimension);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void WriteAlias(Utf8JsonWriter writer, AliasResult alias)
    {
        writer.WriteStartObject();
        writer.WriteString("alias"u8, alias.Alias);
        writer.WriteVersion("version"u8, alias.Version);
        writer.WriteVersion("previous"u8, alias.Previous);
        writer.WriteNumber("planRevision"u8, alias.PlanRevision);
        writer.WriteEndObject();
    }

    public static void WritePromotion(Utf8JsonWriter writer, Promotion promotion)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, promotion.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        writer.WriteVersion("from"u8, promotion.From);
        writer.WriteVersion("to"u8, promotion.To);
        writer.WriteTime("at"u8, promotion.At);
        writer.WriteString("by"u8, promotion.By);
        writer.WriteString("decision"u8, promotion.Decision);
        writer.WriteString("reason"u8, promotion.Reason);
        WriteEvidence(writer, promotion.Evidence);
        writer.WriteNumber("planRevision"u8, promotion.PlanRevision);
        writer.WriteVersion("rollout"u8, promotion.Rollout);
        writer.WriteEndObject();
    }

    public static void WriteEvidence(Utf8JsonWriter writer, PromotionEvidence? evidence)
    {
        if (evidence is null)
        {
            writer.WriteNull("evidence"u8);
            return;
        }

        writer.WriteStartObject("evidence"u8);
        writer.WriteString("test"u8, evidence.Test);
        writer.WriteString("metric"u8, evidence.Metric);
        writer.WriteNumber("n"u8, evidence.N);
        writer.WriteNumberOrNull("estimate"u8, evidence.Estimate);
        writer.WriteNumberOrNull("lower"u8, evidence.Lower);
        writer.WriteNumberOrNull("upper"u8, evidence.Upper);
        writer.WriteNumberOrNull("alpha"u8, evidence.Alpha);
        writer.WriteStartArray("slices"u8);
        foreach (var slice in evidence.Slices.IsDefault ? [] : evidence.Slices)
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

        writer.WriteEndArray();
        writer.WriteStartArray("droppedSlices"u8);
        foreach (var slice in evidence.DroppedSlices.IsDefault ? [] : evidence.DroppedSlices)
            writer.WriteStringValue(slice);
        writer.WriteEndArray();
        writer.WriteStartArray("guardrails"u8);
        foreach (var guardrail in evidence.Guardrails.IsDefault ? [] : evidence.Guardrails)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, guardrail.Name);
            writer.WriteNumber("n"u8, guardrail.N);
            writer.WriteNumberOrNull("value"u8, guardrail.Value);
            writer.WriteNumber("limit"u8, guardrail.Limit);
            writer.WriteString("verdict"u8, guardrail.Verdict);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A bound; null where nothing bounds it yet, which is stored as the largest double.</summary>
    private static void WriteBound(Utf8JsonWriter writer, ReadOnlySpan<byte> name, double bound) =>
        writer.WriteNumberOrNull(name, Math.Abs(bound) < double.MaxValue ? bound : null);

    private static string NameOf(VersionState state) => state switch
    {
        VersionState.Registered => "registered",
        VersionState.Loading => "loading",
        VersionState.Warming => "warming",
        VersionState.Available => "available",
        VersionState.Draining => "draining",
        VersionState.Unloaded => "unloaded",
        _ => "failed",
    };
}
