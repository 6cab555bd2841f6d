using Google.Protobuf;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>Makes room for more classes behind a head: stated shapes, shapes that are constants, labels of ZipMap.</summary>
internal static class ClassShapes
{
    private static readonly HashSet<string> s_any = new(StringComparer.Ordinal)
    {
        "Softmax", "LogSoftmax", "Identity", "Relu", "Flatten", "Squeeze", "Cast", "ArgMax", "Dropout", "GlobalAveragePool", "TopK",
    };

    /// <param name="graph">Is changed.</param>
    /// <param name="exit">The scores.</param>
    /// <param name="before">Classes so far.</param>
    /// <param name="after">Classes from now on.</param>
    /// <param name="labels">Names of all; null: none were given.</param>
    /// <exception cref="HeadException">A node holds the number of classes in a way that is not known here, or labels are needed.</exception>
    public static void Widen(GraphProto graph, string exit, int before, int after, IReadOnlyList<string>? labels)
    {
        var index = new GraphIndex(graph);
        var model = new ModelProto { IrVersion = 4, Graph = graph };
        var values = new HashSet<string>(StringComparer.Ordinal) { exit };
        foreach (var node in graph.Node.Where(node => node.Output.Contains(exit)).SelectMany(node => node.Input))
        {
            // The product before an Add has as many columns.
            if (index.Maker(node) is { OpType: "MatMul" } product && index.Readers(node).All(reader => reader.Output.Contains(exit)))
                values.Add(product.Output[0]);
        }

        foreach (var node in graph.Node)
        {
            if (!node.Input.Any(values.Contains) || node.Output.Contains(exit))
                continue;
            values.UnionWith(node.Output);
            if (node.OpType == "Reshape")
                Reshape(model, index, node, before, after);
            else if (node.OpType == "ZipMap")
                ZipMap(node, after, labels);
            else if (!s_any.Contains(node.OpType))
                throw new HeadException(HeadCodes.WriteFailed, $"Classes cannot be added: node {node.OpType} '{node.Output[0]}' behind the head may hold their number. Export the network up to its scores or probabilities.");
        }

        foreach (var value in graph.Output.Concat(graph.ValueInfo).Where(value => values.Contains(value.Name)))
            Restate(value, before, after);
    }

    private static void Reshape(ModelProto model, GraphIndex index, NodeProto node, int before, int after)
    {
        if (node.Input.Count < 2 || index.Constant(node.Input[1]) is not { } tensor || TensorValues.ReadLongs(tensor) is not { } sizes)
            throw new HeadException(HeadCodes.WriteFailed, $"Classes cannot be added: Reshape '{node.Output[0]}' behind the head computes its shape.");
        var place = Array.IndexOf(sizes, before, Math.Min(1, sizes.Length));
        if (place < 0)
            return;
        sizes[place] = after;
        GraphEdits.SetLongs(model, index, node, 1, sizes);
    }

    private static void ZipMap(NodeProto node, int after, IReadOnlyList<string>? labels)
    {
        foreach (var attribute in node.Attribute)
        {
            if (attribute.Name == "classlabels_strings")
            {
                if (labels is null || labels.Count != after)
                    throw new HeadException(HeadCodes.WriteFailed, $"The network names its classes ({string.Join(", ", attribute.Strings.Select(text => text.ToStringUtf8()))}); give all {after} labels.");
                attribute.Strings.Clear();
                attribute.Strings.Add(labels.Select(ByteString.CopyFromUtf8));
            }
            else if (attribute.Name == "classlabels_int64s")
            {
                for (var next = attribute.Ints.Max() + 1; attribute.Ints.Count < after; next++)
                    attribute.Ints.Add(next);
            }
        }
    }

    private static void Restate(ValueInfoProto value, int before, int after)
    {
        var dimensions = value.Type?.TensorType?.Shape?.Dim;
        for (var i = 1; i < dimensions?.Count; i++)
        {
            if (dimensions[i].DimValue != before)
                continue;
            dimensions[i].DimValue = after;
            return;
        }
    }
}
