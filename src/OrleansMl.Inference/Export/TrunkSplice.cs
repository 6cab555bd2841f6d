using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>
/// Writes a trunk into the graph of an exported model. A graph has one operator set: nodes of an older one go in where they mean the
/// same in the newer.
/// </summary>
internal sealed class TrunkSplice
{
    /// <summary>From here to the newest one that is written, no operator means something else at inference.</summary>
    private const long SteadyOpset = 13;

    private const long NewestOpset = 21;

    /// <summary>Operators that mean the same in all sets from 8 on, as they are read here (source: the changelog of ONNX).</summary>
    private static readonly HashSet<string> s_steady = new(StringComparer.Ordinal)
    {
        "Add", "AveragePool", "Cast", "Concat", "Constant", "Conv", "Div", "Elu", "Flatten", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "Identity", "LRN", "LeakyRelu",
        "MatMul", "MaxPool", "Mul", "PRelu", "Relu", "Reshape", "Sigmoid", "Sub", "Tanh", "Transpose",
    };

    private readonly ModelProto _model;

    private TrunkSplice(ModelProto model)
    {
        _model = model;
        Opset = OpsetOf(model);
        InputWidth = (int)model.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue;
        PortabilityReason = model.OpsetImport.FirstOrDefault(opset => opset.Domain is not ("" or "ai.onnx" or GraphWriter.MlDomain)) is { } foreign
            ? $"the network uses operators of {foreign.Domain}"
            : null;
    }

    /// <summary>D: numbers of a row.</summary>
    public int InputWidth { get; }

    /// <summary>The standard operator set that its nodes need.</summary>
    public long Opset { get; }

    /// <summary>Why only some runtimes run it; null: all do.</summary>
    public string? PortabilityReason { get; }

    /// <param name="trunk">As <see cref="TrunkModel.Bytes"/>.</param>
    /// <exception cref="HeadException">An operator means something else in the set that is written, or the set is newer than those known.</exception>
    public static TrunkSplice Of(ReadOnlyMemory<byte> trunk)
    {
        var model = ModelProto.Parser.ParseFrom(trunk.Span);
        var opset = OpsetOf(model);
        if (opset > NewestOpset)
            throw new HeadException(HeadCodes.Unsupported, $"The network is of operator set {opset}; versions are written up to {NewestOpset}. Export it for an older set.");
        if (model.Functions.Count > 0)
            throw new HeadException(HeadCodes.Unsupported, "The network has functions of its own, which versions are not written with; export it without.");
        foreach (var node in model.Graph.Node.Where(node => opset < SteadyOpset && node.Domain is "" or "ai.onnx"))
        {
            if (node.OpType == "Dropout")
            {
                // Nothing is dropped at inference, and the ratio moved from an attribute to an input.
                node.OpType = "Identity";
                node.Attribute.Clear();
                while (node.Output.Count > 1)
                    node.Output.RemoveAt(1);
            }
            else if (!s_steady.Contains(node.OpType) && !(opset >= 9 && node.OpType == "BatchNormalization"))
            {
                throw new HeadException(HeadCodes.Unsupported, $"The network is of operator set {opset}, and {node.OpType} means something else in the one that versions are written in; export it for set {SteadyOpset} or a newer one.");
            }
        }

        return new TrunkSplice(model);
    }

    /// <summary>Writes the trunk over features [N, D]; the embedding [N, E]. Once for a graph.</summary>
    public string Write(GraphWriter graph, string features) => graph.Splice(_model, ExportNames.Features, features, ExportNames.Variable);

    private static long OpsetOf(ModelProto model) => model.OpsetImport.Where(opset => opset.Domain is "" or "ai.onnx").Max(opset => opset.Version);
}
