using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference;

/// <summary>Writes a trunk into the graph of an exported model.</summary>
internal sealed class TrunkSplice
{
    private readonly ModelProto _model;

    private TrunkSplice(ModelProto model)
    {
        _model = model;
        Opset = OperatorSets.Of(model);
        InputWidth = (int)model.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue;
        PortabilityReason = OperatorSets.WhyNotPortable(model, "network");
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
        return OperatorSets.Fit(model, "network") is { } why ? throw new HeadException(HeadCodes.Unsupported, why) : new TrunkSplice(model);
    }

    /// <summary>Writes the trunk over features [N, D]; the embedding [N, E]. Once for a graph.</summary>
    public string Write(GraphWriter graph, string features) => graph.Splice(_model, ExportNames.Features, features, ExportNames.Variable);
}
