using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>
/// Finds what would make the runtime read another file. A model sent by a caller must not name paths of this machine,
/// so every place that can hold a tensor is searched: initializers, attributes, subgraphs, functions.
/// </summary>
internal static class ExternalReferences
{
    /// <summary>The first reference in words; null when there is none.</summary>
    public static string? FindFirst(ModelProto model)
    {
        // A work list, not recursion: depth is bounded by the parser, breadth is not.
        var graphs = new Stack<GraphProto>();
        graphs.Push(model.Graph);
        foreach (var function in model.Functions)
        {
            if (InNodes(function.Node, graphs) is { } found)
                return found;
        }

        while (graphs.TryPop(out var graph))
        {
            foreach (var tensor in graph.Initializer)
            {
                if (IsExternal(tensor))
                    return Describe(tensor);
            }

            foreach (var sparse in graph.SparseInitializer)
            {
                if (InSparse(sparse) is { } inSparse)
                    return inSparse;
            }

            if (InNodes(graph.Node, graphs) is { } found)
                return found;
        }

        return null;
    }

    private static string? InNodes(IEnumerable<NodeProto> nodes, Stack<GraphProto> graphs)
    {
        foreach (var node in nodes)
        {
            // A compiled context may be a path instead of the compiled bytes.
            if (node.OpType == "EPContext" && !node.Attribute.Any(a => a.Name == "embed_mode" && a.I == 1))
                return $"Node '{node.Name}' (EPContext) keeps its compiled part in another file";
            foreach (var attribute in node.Attribute)
            {
                if (InAttribute(attribute, graphs) is { } found)
                    return found;
            }
        }

        return null;
    }

    private static string? InAttribute(AttributeProto attribute, Stack<GraphProto> graphs)
    {
        if (attribute.T is { } single && IsExternal(single))
            return Describe(single);
        foreach (var tensor in attribute.Tensors)
        {
            if (IsExternal(tensor))
                return Describe(tensor);
        }

        if (attribute.SparseTensor is { } sparse && InSparse(sparse) is { } inSparse)
            return inSparse;
        foreach (var item in attribute.SparseTensors)
        {
            if (InSparse(item) is { } inItem)
                return inItem;
        }

        if (attribute.G is { } graph)
            graphs.Push(graph);
        foreach (var item in attribute.Graphs)
            graphs.Push(item);
        return null;
    }

    private static string? InSparse(SparseTensorProto sparse)
    {
        if (sparse.Values is { } values && IsExternal(values))
            return Describe(values);
        return sparse.Indices is { } indices && IsExternal(indices) ? Describe(indices) : null;
    }

    private static bool IsExternal(TensorProto tensor) =>
        tensor.DataLocation != TensorProto.Types.DataLocation.Default || tensor.ExternalData.Count > 0;

    private static string Describe(TensorProto tensor) => $"Tensor '{tensor.Name}' keeps its data in another file";
}
