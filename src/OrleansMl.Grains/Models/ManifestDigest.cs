using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace OrleansMl.Models;

/// <summary>
/// The identity of a version: SHA-256 over the canonical JSON of artifacts, signature, pipeline and post-processing, in
/// that order and without white space.
/// </summary>
internal static class ManifestDigest
{
    public static string Compute(VersionManifest manifest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("artifact", manifest.ArtifactSha256);
            json.WriteString("core", manifest.CoreSha256);
            WriteSignature(json, "inputs", manifest.Inputs);
            WriteSignature(json, "outputs", manifest.Outputs);
            json.WriteString("pipeline", manifest.Pipeline);
            json.WriteString("postprocess", manifest.Postprocess);
            json.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private static void WriteSignature(Utf8JsonWriter json, string name, IEnumerable<TensorInfo> tensors)
    {
        json.WriteStartArray(name);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("datatype", tensor.Datatype);
            json.WriteStartArray("shape");
            foreach (var dimension in tensor.Shape)
                json.WriteNumberValue(dimension);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
