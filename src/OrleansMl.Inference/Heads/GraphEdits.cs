using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>Changes constants of a graph without touching who else reads them.</summary>
internal static class GraphEdits
{
    /// <summary>Gives an input of a node other constant numbers, of the type that it had.</summary>
    public static void SetConstant(ModelProto model, GraphIndex index, NodeProto node, int input, double[] values, long[] shape)
    {
        var name = node.Input[input];
        if (index.Constant(name) is { } tensor && IsAlone(index, name))
        {
            TensorValues.Write(tensor, values, shape);
            Restate(model.Graph, name, shape);
            return;
        }

        var type = (index.Constant(name) ?? index.Constant(index.Maker(name)!.Input[0])!).DataType;
        node.Input[input] = AddConstant(model, node, type, values, shape);
    }

    /// <summary>Gives an input of a node other constant whole numbers.</summary>
    public static void SetLongs(ModelProto model, GraphIndex index, NodeProto node, int input, long[] values)
    {
        var name = node.Input[input];
        var tensor = index.Constant(name)!;
        if (!IsAlone(index, name))
        {
            tensor = new TensorProto { Name = Fresh(model.Graph, node.Output[0] + "/constant"), DataType = tensor.DataType, Dims = { values.Length } };
            Declare(model, tensor);
            node.Input[input] = tensor.Name;
        }

        TensorValues.WriteLongs(tensor, values);
    }

    /// <summary>A new initializer for a node; its name.</summary>
    public static string AddConstant(ModelProto model, NodeProto node, int type, double[] values, long[] shape)
    {
        var tensor = new TensorProto { Name = Fresh(model.Graph, node.Output[0] + "/constant"), DataType = type };
        TensorValues.Write(tensor, values, shape);
        Declare(model, tensor);
        return tensor.Name;
    }

    /// <summary>A name that no value has.</summary>
    public static string Fresh(GraphProto graph, string stem)
    {
        var taken = graph.Node.SelectMany(node => node.Output.Concat(GraphIndex.Reads(node))).Concat(graph.Initializer.Select(tensor => tensor.Name)).Concat(graph.Input.Select(input => input.Name)).ToHashSet(StringComparer.Ordinal);
        var name = stem;
        for (var i = 2; taken.Contains(name); i++)
            name = stem + i;
        return name;
    }

    /// <summary>Takes away initializers, and nodes that make constants, that nothing reads any more; what nobody read before stays.</summary>
    public static void Sweep(GraphProto graph, GraphIndex before)
    {
        while (true)
        {
            var index = new GraphIndex(graph);
            NodeProto[] idle = [.. graph.Node.Where(node => node.OpType is "Reshape" or "Constant" && node.Output.All(output => !index.IsOutput(output) && index.Readers(output).Count == 0 && before.Readers(output).Count > 0))];
            TensorProto[] unread = [.. graph.Initializer.Where(tensor => index.Readers(tensor.Name).Count == 0 && !index.IsOutput(tensor.Name) && before.Readers(tensor.Name).Count > 0)];
            foreach (var node in idle)
            {
                graph.Node.Remove(node);
                Forget(graph, node.Output);
            }

            foreach (var tensor in unread)
            {
                graph.Initializer.Remove(tensor);
                Forget(graph, [tensor.Name]);
                if (graph.Input.FirstOrDefault(input => input.Name == tensor.Name) is { } input)
                    graph.Input.Remove(input);
            }

            if (idle.Length + unread.Length == 0)
                return;
        }
    }

    private static bool IsAlone(GraphIndex index, string name) => index.Readers(name).Count == 1 && !index.IsOutput(name);

    private static void Declare(ModelProto model, TensorProto tensor)
    {
        model.Graph.Initializer.Add(tensor);
        if (model.IrVersion >= 4)
            return;
        var shape = new TensorShapeProto { Dim = { tensor.Dims.Select(dimension => new TensorShapeProto.Types.Dimension { DimValue = dimension }) } };
        model.Graph.Input.Add(new ValueInfoProto { Name = tensor.Name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = shape } } });
    }

    /// <summary>Shapes that are stated of a constant.</summary>
    private static void Restate(GraphProto graph, string name, long[] shape)
    {
        foreach (var value in graph.Input.Concat(graph.ValueInfo).Where(value => value.Name == name && value.Type?.TensorType?.Shape is not null))
        {
            value.Type.TensorType.Shape.Dim.Clear();
            value.Type.TensorType.Shape.Dim.Add(shape.Select(dimension => new TensorShapeProto.Types.Dimension { DimValue = dimension }));
        }
    }

    private static void Forget(GraphProto graph, IEnumerable<string> names)
    {
        foreach (var value in graph.ValueInfo.Where(value => names.Contains(value.Name)).ToArray())
            graph.ValueInfo.Remove(value);
    }
}
