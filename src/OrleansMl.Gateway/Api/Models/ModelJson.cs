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
        writer.WriteOrNull("traffic"u8, model.Traffic, static (writer, traffic) =>
        {
            writer.WriteStartObject();
            TrafficOperations.Write(writer, traffic);
            writer.WriteEndObject();
        });
        writer.WriteNumber("planRevision"u8, model.PlanRevision);
        writer.WriteArray("versions"u8, model.Versions, WriteVersion);
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
        writer.WriteArray("inputs"u8, manifest.Inputs, WriteTensor);
        writer.WriteArray("outputs"u8, manifest.Outputs, WriteTensor);
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

    public static void WriteTensor(Utf8JsonWriter writer, TensorInfo tensor)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tensor.Name);
        writer.WriteString("datatype"u8, tensor.Datatype);
        writer.WriteArray("shape"u8, tensor.Shape, static (writer, dimension) => writer.WriteNumberValue(dimension));
        writer.WriteEndObject();
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
        writer.WriteOrNull("evidence"u8, promotion.Evidence, EvidenceJson.Write);
        writer.WriteNumber("planRevision"u8, promotion.PlanRevision);
        writer.WriteVersion("rollout"u8, promotion.Rollout);
        writer.WriteEndObject();
    }

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
