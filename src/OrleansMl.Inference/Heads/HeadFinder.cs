using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>
/// Finds the head of a network: from the outputs back through what only shapes or normalises scores, to a Gemm, a MatMul with or
/// without an Add, or a 1×1 Conv whose weights are constant and nobody else's.
/// </summary>
public static class HeadFinder
{
    /// <summary>Operators that may stand between a head and an output.</summary>
    private static readonly HashSet<string> s_passed = new(StringComparer.Ordinal)
    {
        "Softmax", "LogSoftmax", "Sigmoid", "Relu", "Flatten", "Reshape", "Squeeze", "Cast", "ArgMax", "ZipMap", "Identity", "Dropout", "GlobalAveragePool",
    };

    /// <param name="model">Bytes of an ONNX model.</param>
    /// <exception cref="HeadException">There is none, several, or one that is not learned; the message names what was met.</exception>
    public static NetworkHead Find(ReadOnlyMemory<byte> model)
    {
        var inspected = OnnxModelFile.Inspect(model);
        if (!inspected.IsAccepted)
            throw new HeadException(inspected.Code, inspected.Detail);
        var proto = ModelProto.Parser.ParseFrom(model.Span);
        var index = new GraphIndex(proto.Graph);
        var met = new List<string>();
        var found = new List<(NodeProto Node, HeadPath Path)>();
        foreach (var output in proto.Graph.Output)
        {
            var operators = new List<string>();
            if (Walk(index, output.Name, operators) is { } node)
                found.Add((node, new HeadPath(output.Name, operators)));
            else
                met.Add($"'{output.Name}' from {string.Join(" from ", operators)}");
        }

        NodeProto[] heads = [.. found.Select(one => one.Node).Distinct()];
        if (heads.Length == 0)
            throw new HeadException(HeadCodes.NotFound, $"No head was found: {string.Join("; ", met)}. A head is a Gemm, a MatMul or a 1x1 Conv, and after it only {string.Join(", ", s_passed.Order(StringComparer.Ordinal))}.");
        if (heads.Length > 1)
            throw new HeadException(HeadCodes.Ambiguous, $"Outputs lead back to {heads.Length} heads ({string.Join(", ", found.Select(one => $"'{one.Path.Output}' to {one.Node.OpType} '{one.Node.Output[0]}'"))}); export the model with one of them.");

        // The scores themselves say most, then their probabilities; a label says least.
        var path = found.OrderBy(one => one.Path.Operators.Any(op => op is "ArgMax" or "ZipMap") ? 1 : 0).ThenBy(one => one.Path.Operators.Count).First().Path;
        var layer = HeadReader.Read(index, heads[0], path);
        var head = new NetworkHead(proto, model, layer, path);
        if (head.Start.Rows > 1 && path.Operators.Contains("Sigmoid"))
            throw new HeadException(HeadCodes.Unsupported, $"A Sigmoid over {head.Start.Rows} scores answers as many labels that do not exclude each other; heads of one label are learned, by Softmax.");
        if (path.Operators.SkipWhile(op => op != "LogSoftmax").Contains("Relu"))
            throw new HeadException(HeadCodes.Unsupported, "A Relu over a LogSoftmax answers 0 for every class, whatever is learned; export the network without it.");
        return head;
    }

    /// <summary>Back from a value to the layer; null with the operator that ended the way as the last one met.</summary>
    private static NodeProto? Walk(GraphIndex index, string value, List<string> operators)
    {
        while (index.Maker(value) is { } node)
        {
            if (node.OpType is "Gemm" or "MatMul" or "Conv" || (node.OpType == "Add" && HeadReader.Product(index, node) is not null))
            {
                operators.Reverse();
                return node.OpType == "Add" ? HeadReader.Product(index, node) : node;
            }

            operators.Add(node.OpType);
            if (node.OpType.Contains("QLinear", StringComparison.Ordinal) || node.OpType is "DequantizeLinear" or "MatMulInteger" or "ConvInteger" or "QGemm" or "MatMulNBits")
                throw new HeadException(HeadCodes.Unsupported, $"Output '{value}' comes from {node.OpType}: the network is quantised. Learn the head of the network as it was before, in floating point.");
            if (!s_passed.Contains(node.OpType))
                return null;
            value = node.Input[0];
        }

        operators.Add($"value '{value}', which no node makes");
        return null;
    }
}
