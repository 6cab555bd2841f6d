using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>Gives every value of a graph, those of its subgraphs too, another name.</summary>
internal static class GraphNames
{
    /// <param name="graph">Is changed.</param>
    /// <param name="rename">Names that differ must stay different; an empty name, which is no value, is not asked for.</param>
    public static void Rename(GraphProto graph, Func<string, string> rename)
    {
        string New(string name) => name.Length == 0 ? "" : rename(name);
        foreach (var tensor in graph.Initializer)
            tensor.Name = New(tensor.Name);
        foreach (var sparse in graph.SparseInitializer)
            sparse.Values.Name = New(sparse.Values.Name);
        foreach (var value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
            value.Name = New(value.Name);
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
                node.Input[i] = New(node.Input[i]);
            for (var i = 0; i < node.Output.Count; i++)
                node.Output[i] = New(node.Output[i]);
            foreach (var attribute in node.Attribute)
            {
                if (attribute.G is { } inner)
                    Rename(inner, rename);
                foreach (var one in attribute.Graphs)
                    Rename(one, rename);
            }
        }
    }
}
