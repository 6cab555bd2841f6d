using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>
/// Cuts a network at the input of its head. The trunk is a core graph: <see cref="ExportNames.Features"/> [N, D] with the numbers of
/// the network's one input in order, and the embedding as <see cref="ExportNames.Variable"/> [N, E]. The embedding of a 1×1 Conv is
/// the mean over space of its input, since both are linear and so commute.
/// </summary>
internal static class TrunkGraph
{
    private const string Prefix = "trunk/";

    /// <summary>The numbers of a row: the input's shape without the dimension that counts rows.</summary>
    /// <exception cref="HeadException">input_unsupported</exception>
    public static long[] RowShape(NetworkHead head)
    {
        var inputs = InputsOf(head);
        if (inputs is not [{ } input])
            throw new HeadException(HeadCodes.InputUnsupported, $"The network has {inputs.Length} inputs ({string.Join(", ", inputs.Select(i => i.Name))}); one tensor of numbers is fed to a trunk.");
        var shape = input.Type?.TensorType?.Shape?.Dim;
        if (shape is null || shape.Count < 2 || OnnxTypes.ToTensorType(input.Type!.TensorType.ElemType) is null or TensorType.Bytes or TensorType.Bool)
            throw new HeadException(HeadCodes.InputUnsupported, $"Input '{input.Name}' is {OnnxTypes.Describe(input.Type)} of {shape?.Count ?? 0} dimensions; a trunk is fed numbers [N, …].");
        long[] row = [.. shape.Skip(1).Select(dimension => dimension.DimValue)];
        return row.All(size => size > 0) && row.Aggregate(1.0, static (product, size) => product * size) <= 1 << 24
            ? row
            : throw new HeadException(HeadCodes.InputUnsupported, $"Input '{input.Name}' is [{string.Join(',', shape.Select(d => d.DimValue > 0 ? d.DimValue.ToString() : d.DimParam.Length > 0 ? d.DimParam : "?"))}]; only the first dimension may be free, and a row has at most {1 << 24} numbers. Export the model with the sizes that it is used with.");
    }

    /// <summary>How many rows the network takes at once; null: any number.</summary>
    public static long? FixedRows(NetworkHead head) => InputsOf(head)[0].Type.TensorType.Shape.Dim[0] is { DimValue: > 0 and var rows } ? rows : null;

    /// <param name="head">Where to cut.</param>
    /// <param name="isFree">Any number of rows goes in at once: shapes that are written down for a fixed number are freed.</param>
    public static byte[] Cut(NetworkHead head, bool isFree)
    {
        var source = head.Model.Clone();
        var (graph, input, shape, rows) = (source.Graph, InputsOf(head)[0], RowShape(head), FixedRows(head));
        var kept = Needed(graph, head.Layer.Entry);
        if (isFree && rows is { } written)
            Free(graph, kept, written);

        var trunk = new GraphProto { Name = graph.Name.Length > 0 ? graph.Name : "trunk" };
        var elementType = (DataType)input.Type.TensorType.ElemType;
        long[] reshaped = [isFree || rows is null ? -1 : rows.Value, .. shape];
        trunk.Initializer.Add(new TensorProto { Name = "cut/shape", DataType = (int)DataType.Int64, Dims = { reshaped.Length }, Int64Data = { reshaped } });
        trunk.Node.Add(Node("Reshape", ["features_in", "cut/shape"], "cut/input"));
        trunk.Node.Add(Node("Cast", ["cut/input"], input.Name, GraphWriter.Attribute("to", (long)elementType)));
        trunk.Node.Add(kept);
        var used = kept.SelectMany(GraphIndex.Reads).Append(head.Layer.Entry).ToHashSet(StringComparer.Ordinal);
        trunk.Initializer.Add(graph.Initializer.Where(tensor => used.Contains(tensor.Name)));
        trunk.SparseInitializer.Add(graph.SparseInitializer.Where(tensor => used.Contains(tensor.Values?.Name ?? "")));
        var entry = head.Layer.Entry;
        if (head.Layer.IsConvolution)
        {
            trunk.Node.Add(Node("GlobalAveragePool", [entry], "cut/pooled"));
            trunk.Node.Add(Node("Flatten", ["cut/pooled"], entry = "cut/flat"));
        }

        trunk.Node.Add(Node("Cast", [entry], "variable_out", GraphWriter.Attribute("to", (long)DataType.Float)));
        GraphNames.Rename(trunk, Apart);
        trunk.Input.Add(Value(ExportNames.Features, shape.Aggregate(1L, static (product, size) => product * size)));
        trunk.Output.Add(Value(ExportNames.Variable, head.Start.DenseCount));
        return Model(source, trunk).ToByteArray();
    }

    private static ModelProto Model(ModelProto source, GraphProto trunk)
    {
        // From format 4 on initializers need not be inputs too.
        var model = new ModelProto { IrVersion = Math.Max(4, source.IrVersion), ProducerName = source.ProducerName, ProducerVersion = source.ProducerVersion, Graph = trunk };
        model.OpsetImport.Add(source.OpsetImport);
        if (!model.OpsetImport.Any(opset => opset.Domain is "" or "ai.onnx"))
            model.OpsetImport.Add(new OperatorSetIdProto { Version = 13 });
        model.Functions.Add(source.Functions);
        return model;
    }

    private static ValueInfoProto[] InputsOf(NetworkHead head)
    {
        var defaults = head.Model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        return [.. head.Model.Graph.Input.Where(input => !defaults.Contains(input.Name))];
    }

    /// <summary>The nodes that a value comes from, in their order.</summary>
    private static NodeProto[] Needed(GraphProto graph, string value)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal) { value };
        var kept = new List<NodeProto>();
        foreach (var node in graph.Node.Reverse())
        {
            if (!node.Output.Any(needed.Contains))
                continue;
            kept.Add(node);
            needed.UnionWith(GraphIndex.Reads(node));
        }

        kept.Reverse();
        return [.. kept];
    }

    /// <summary>A Reshape to a shape that begins with the fixed number of rows keeps the rows that come instead (0: as in its input).</summary>
    private static void Free(GraphProto graph, NodeProto[] nodes, long rows)
    {
        var index = new GraphIndex(graph);
        foreach (var node in nodes.Where(node => node is { OpType: "Reshape", Input.Count: 2 }))
        {
            if (index.Constant(node.Input[1]) is not { } tensor || TensorValues.ReadLongs(tensor) is not { Length: > 1 } sizes || sizes[0] != rows)
                continue;
            sizes[0] = 0;
            var freed = new TensorProto { Name = "cut/free/" + node.Output[0], DataType = (int)DataType.Int64, Dims = { sizes.Length }, Int64Data = { sizes } };
            graph.Initializer.Add(freed);
            node.Input[1] = freed.Name;
        }
    }

    private static NodeProto Node(string operation, string[] inputs, string output, params AttributeProto[] attributes)
        => new() { OpType = operation, Name = output, Input = { inputs }, Output = { output }, Attribute = { attributes } };

    private static ValueInfoProto Value(string name, long width) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)DataType.Float,
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" }, new TensorShapeProto.Types.Dimension { DimValue = width } } },
            },
        },
    };

    /// <summary>Puts every name of the network apart, so that none is that of an input or output of a core graph.</summary>
    private static string Apart(string name) => name is "features_in" ? ExportNames.Features : name is "variable_out" ? ExportNames.Variable : Prefix + name;
}
