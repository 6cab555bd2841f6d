using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;

namespace OrleansMl.Inference;

/// <summary>Where a head stands in its graph.</summary>
/// <param name="Node">Gemm, MatMul or Conv.</param>
/// <param name="Addition">The Add after a MatMul that brings the constants; null: the node has them, or there are none.</param>
/// <param name="RowsFirst">The weights lie as [R, E], else as [E, R].</param>
/// <param name="Start">Weights and constants as they count: alpha and beta of a Gemm are in them.</param>
internal sealed record HeadLayer(NodeProto Node, NodeProto? Addition, bool RowsFirst, HeadModel Start)
{
    /// <summary>The value that enters.</summary>
    public string Entry => Node.Input[0];

    /// <summary>The value that leaves: the scores.</summary>
    public string Exit => (Addition ?? Node).Output[0];

    public bool IsConvolution => Node.OpType == "Conv";
}

/// <summary>The way from a head to an output.</summary>
/// <param name="Output">Name of the output.</param>
/// <param name="Operators">Met on it, the head's neighbour first.</param>
internal sealed record HeadPath(string Output, IReadOnlyList<string> Operators)
{
    /// <summary>Behind one of these the values are no scores any more.</summary>
    private static readonly string[] s_ends = ["Softmax", "LogSoftmax", "Sigmoid", "ArgMax", "ZipMap"];

    /// <summary>A Relu cuts off the scores themselves; behind probabilities, of which none is below 0, it does nothing.</summary>
    public bool IsRectified => Operators.TakeWhile(op => !s_ends.Contains(op)).Contains("Relu");

    /// <summary>The first operator between the head and a mean over space that does not commute with it; null: there is no mean, or nothing is in its way.</summary>
    public string? BeforeMean => Operators.Contains("GlobalAveragePool") ? Operators.TakeWhile(op => op != "GlobalAveragePool").FirstOrDefault(op => op == "Relu" || s_ends.Contains(op)) : null;
}
