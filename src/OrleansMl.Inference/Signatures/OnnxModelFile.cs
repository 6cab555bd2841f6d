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
        var graph = model.Graph;
        // Before format version 4 every initializer is listed among the inputs too; callers need not send those.
        var defaults = graph.Initializer.Select(t => t.Name)
            .Concat(graph.SparseInitializer.Select(t => t.Values?.Name ?? ""))
            .ToHashSet(StringComparer.Ordinal);

        var inputs = ImmutableArray.CreateBuilder<TensorSpec>();
        foreach (var input in graph.Input)
        {
            if (defaults.Contains(input.Name))
                continue;
            if (TryReadTensor(input, out var spec, out var found))
                inputs.Add(spec);
            else
                return InspectResult.Refused(InspectCodes.UnsupportedType, $"Input '{input.Name}' is {found}; only tensors of the protocol's types can be sent.");
        }

        var outputs = ImmutableArray.CreateBuilder<TensorSpec>();
        var others = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var output in graph.Output)
        {
            if (TryReadTensor(output, out var spec, out var found))
                outputs.Add(spec);
            else
                others[output.Name] = found;
        }

        if (outputs.Count == 0)
        {
            var (name, found) = others.First();
            return InspectResult.Refused(InspectCodes.UnsupportedType, $"No output can be sent back: '{name}' is {found}. Export the model with tensor outputs (for scikit-learn: without ZipMap).");
        }

        var duplicate = inputs.Select(s => s.Name).GroupBy(n => n, StringComparer.Ordinal).Concat(graph.Output.Select(o => o.Name).GroupBy(n => n, StringComparer.Ordinal)).FirstOrDefault(g => g.Count() > 1);
        if (duplicate is not null)
            return InspectResult.Refused(InspectCodes.NotOnnx, $"The bytes are no valid ONNX model: '{duplicate.Key}' is listed twice among the inputs or outputs.");

        return new InspectResult(
            new OnnxModelFile
            {
                Signature = new ModelSignature(inputs.ToImmutable(), outputs.ToImmutable(), others.ToImmutable()),
                Producer = model.ProducerName,
                ProducerVersion = model.ProducerVersion,
                IrVersion = model.IrVersion,
                Opsets = ToMap(model.OpsetImport.Select(o => KeyValuePair.Create(o.Domain == "ai.onnx" ? "" : o.Domain, o.Version))),
                Metadata = ToMap(model.MetadataProps.Select(p => KeyValuePair.Create(p.Key, p.Value))),
            },
            null,
            null);
    }

    private static bool TryReadTensor(ValueInfoProto value, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TensorSpec? spec, out string found)
    {
        spec = null;
        found = value.Type?.ValueCase switch
        {
            TypeProto.ValueOneofCase.TensorType => $"a tensor of ONNX element type {value.Type.TensorType.ElemType}",
            TypeProto.ValueOneofCase.SequenceType => value.Type.SequenceType.ElemType?.ValueCase == TypeProto.ValueOneofCase.MapType ? "a sequence of maps" : "a sequence",
            TypeProto.ValueOneofCase.MapType => "a map",
            TypeProto.ValueOneofCase.OptionalType => "an optional value",
            _ => "of no type that this reads",
        };
        if (value.Type?.ValueCase != TypeProto.ValueOneofCase.TensorType || OnnxTypes.ToTensorType(value.Type.TensorType.ElemType) is not { } type)
            return false;

        if (value.Type.TensorType.Shape is not { } shape)
        {
            spec = new TensorSpec(value.Name, type, [], HasShape: false);
            return true;
        }

        // A negative size is what some writers put for a free dimension.
        spec = new TensorSpec(value.Name, type, [.. shape.Dim.Select(d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && d.DimValue >= 0 ? d.DimValue : -1)]);
        return true;
    }

    private static ImmutableSortedDictionary<string, T> ToMap<T>(IEnumerable<KeyValuePair<string, T>> pairs)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
            map[key] = value;
        return map.ToImmutable();
    }
}
