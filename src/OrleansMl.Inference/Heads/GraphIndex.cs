using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>Who makes and who reads each value of a graph, subgraphs included, and which values are constant.</summary>
internal sealed class GraphIndex
{
    private readonly Dictionary<string, NodeProto> _makers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeProto>> _readers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _initializers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs;

    public GraphIndex(GraphProto graph)
    {
        _outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var tensor in graph.Initializer)
            _initializers.TryAdd(tensor.Name, tensor);
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output)
                _makers.TryAdd(output, node);
            foreach (var name in Reads(node))
            {
                if (!_readers.TryGetValue(name, out var readers))
                    _readers.Add(name, readers = []);
                readers.Add(node);
            }
        }
    }

    /// <summary>The node whose output it is; null: an input or an initializer.</summary>
    public NodeProto? Maker(string value) => _makers.GetValueOrDefault(value);

    /// <summary>The nodes that read it.</summary>
    public IReadOnlyList<NodeProto> Readers(string value) => _readers.TryGetValue(value, out var readers) ? readers : [];

    public bool IsOutput(string value) => _outputs.Contains(value);

    /// <summary>Its tensor, where it is an initializer or the output of a <c>Constant</c>; else null.</summary>
    public TensorProto? Constant(string value) =>
        _initializers.TryGetValue(value, out var tensor) ? tensor
        : Maker(value) is { OpType: "Constant", Domain: "" or "ai.onnx" } node ? node.Attribute.FirstOrDefault(a => a.Name == "value")?.T
        : null;

    /// <summary>Every value that a node needs: its inputs, and what its subgraphs take from outside. The latter may name more than they take.</summary>
    public static IEnumerable<string> Reads(NodeProto node)
    {
        var nodes = new Stack<NodeProto>([node]);
        while (nodes.TryPop(out var next))
        {
            foreach (var input in next.Input)
            {
                if (input.Length > 0)
                    yield return input;
            }

            foreach (var attribute in next.Attribute)
            {
                foreach (var graph in attribute.G is { } one ? attribute.Graphs.Append(one) : attribute.Graphs)
                {
                    foreach (var inner in graph.Node)
                        nodes.Push(inner);
                    foreach (var output in graph.Output)
                        yield return output.Name;
                }
            }
        }
    }
}
