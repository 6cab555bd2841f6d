using Google.Protobuf;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>
/// A model that another program has trained on a pipeline's features, as a core graph: its input <c>input</c> FP32 [N,F] is called
/// <see cref="ExportNames.Features"/>, and everything else stays as it is. So it is loaded, scored and batched as our own are, by <see cref="CoreModel"/>.
/// </summary>
public static class ForeignModel
{
    /// <summary>What such a model calls its input, as skl2onnx, onnxmltools and ML.NET's users do.</summary>
    public const string Input = "input";

    /// <summary>The core graph of a model.</summary>
    /// <exception cref="ModelLoadException">The bytes are refused, or the graph has not the one input, or uses its new name for something else.</exception>
    public static byte[] ToCore(ReadOnlyMemory<byte> bytes)
    {
        var inspected = OnnxModelFile.Inspect(bytes);
        if (!inspected.IsAccepted)
            throw new ModelLoadException(inspected.Code, inspected.Detail);
        if (inspected.File.Signature.Inputs is not [{ Name: Input }])
            throw new ModelLoadException(InspectCodes.UnsupportedType, $"The model has the inputs {string.Join(", ", inspected.File.Signature.Inputs.Select(input => $"'{input.Name}'"))}; it must have '{Input}' alone.");
        var model = ModelProto.Parser.ParseFrom(bytes.Span);
        var graph = model.Graph;
        if (graph.Node.SelectMany(node => node.Output).Concat(graph.Initializer.Select(tensor => tensor.Name)).Contains(ExportNames.Features))
            throw new ModelLoadException(InspectCodes.UnsupportedType, $"The model calls a value inside '{ExportNames.Features}'; give it another name, since that is what its input will be called.");

        // A node in front, since subgraphs of the graph's nodes may name the input too.
        graph.Input.First(input => input.Name == Input).Name = ExportNames.Features;
        graph.Node.Insert(0, new NodeProto { OpType = "Identity", Name = "oml/input", Input = { ExportNames.Features }, Output = { Input } });
        foreach (var (key, value) in new[] { (ExportNames.PartMetadata, "core"), (ExportNames.PortableMetadata, "true") })
        {
            if (model.MetadataProps.All(property => property.Key != key))
                model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return model.ToByteArray();
    }
}
