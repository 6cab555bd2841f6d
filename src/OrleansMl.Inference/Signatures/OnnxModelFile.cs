using System.Collections.Immutable;
using Google.Protobuf;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>The facts of an ONNX file, read without loading it into the runtime.</summary>
public sealed record OnnxModelFile
{
    /// <summary>What a file may measure unless the caller says otherwise: 1 GiB.</summary>
    public const long DefaultMaxBytes = 1L << 30;

    public required ModelSignature Signature { get; init; }

    /// <summary>The tool that wrote the file; may be empty.</summary>
    public required string Producer { get; init; }

    public required string ProducerVersion { get; init; }

    /// <summary>Version of the file format.</summary>
    public required long IrVersion { get; init; }

    /// <summary>Operator sets by domain; the empty domain is <c>ai.onnx</c>.</summary>
    public required ImmutableSortedDictionary<string, long> Opsets { get; init; }

    /// <summary>The file's own key-value pairs; of a repeated key the last.</summary>
    public required ImmutableSortedDictionary<string, string> Metadata { get; init; }

    /// <summary>
    /// Reads a file's signature and refuses what must not be loaded: bytes that are no model, files whose data lies
    /// elsewhere, types that cannot travel. Never throws, whatever the bytes.
    /// </summary>
    public static InspectResult Inspect(ReadOnlyMemory<byte> bytes, long maxBytes = DefaultMaxBytes)
    {
        if (bytes.Length > maxBytes)
            return InspectResult.Refused(InspectCodes.TooLarge, $"The file has {bytes.Length} bytes; at most {maxBytes} are taken.");
        if (bytes.IsEmpty)
            return InspectResult.Refused(InspectCodes.NotOnnx, "The file is empty; send the bytes of an ONNX model.");

        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException exception)
        {
            return InspectResult.Refused(InspectCodes.NotOnnx, $"The bytes are no ONNX model: {exception.Message}");
        }

        if (MissingPart(model) is { } missing)
            return InspectResult.Refused(InspectCodes.NotOnnx, $"The bytes are no complete ONNX model: {missing}.");
        if (ExternalReferences.FindFirst(model) is { } external)
            return InspectResult.Refused(InspectCodes.ExternalData, $"{external}; save the model as one file with its data inside.");
        return Read(model);
    }

    private static string? MissingPart(ModelProto model)
    {
        if (model.Graph is null)
            return "it has no graph";
        if (model.Graph.Node.Count == 0)
            return "its graph has no nodes";
        if (model.Graph.Output.Count == 0)
            return "its graph has no outputs";
        if (model.IrVersion <= 0)
            return "it states no format version";
        if (model.OpsetImport.Count == 0)
            return "it names no operator set, so it may be cut short";
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output))
        {
            if (value.Name.Length == 0)
                return "an input or output has no name";
        }

        return null;
    }

    private static InspectResult Read(ModelProto model)
    {
        if (SignatureReader.Read(model.Graph, out var refusal) is not { } signature)
            return refusal!;
        return new InspectResult(
            new OnnxModelFile
            {
                Signature = signature,
                Producer = model.ProducerName,
                ProducerVersion = model.ProducerVersion,
                IrVersion = model.IrVersion,
                Opsets = ToMap(model.OpsetImport.Select(o => KeyValuePair.Create(o.Domain == "ai.onnx" ? "" : o.Domain, o.Version))),
                Metadata = ToMap(model.MetadataProps.Select(p => KeyValuePair.Create(p.Key, p.Value))),
            },
            null,
            null);
    }

    private static ImmutableSortedDictionary<string, T> ToMap<T>(IEnumerable<KeyValuePair<string, T>> pairs)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
            map[key] = value;
        return map.ToImmutable();
    }
}
