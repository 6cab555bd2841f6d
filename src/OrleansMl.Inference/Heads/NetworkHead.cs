using System.Collections.Immutable;
using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;

namespace OrleansMl.Inference;

/// <summary>The last linear layer of a network: what stands before it is the trunk, which stays as it is.</summary>
public sealed class NetworkHead
{
    internal NetworkHead(ModelProto model, ReadOnlyMemory<byte> bytes, HeadLayer layer, HeadPath path)
    {
        (Model, Bytes, Layer, Path) = (model, bytes, layer, path);
        var link = layer.Start.Rows > 1 || path.Operators.Contains("Sigmoid") ? Link.Logistic : Link.Identity;
        Start = layer.Start with { Link = link, IsRectified = path.IsRectified };
    }

    /// <summary>Gemm, MatMul or Conv.</summary>
    public string Operator => Layer.Node.OpType;

    /// <summary>Its weights and constants, as the network has them: [R, E] and [R].</summary>
    public HeadModel Start { get; }

    /// <summary>Operators between the head and the output, the head's neighbour first.</summary>
    public ImmutableArray<string> Follows => [.. Path.Operators];

    /// <summary>The output that leads back to it.</summary>
    public string Output => Path.Output;

    internal ModelProto Model { get; }

    internal ReadOnlyMemory<byte> Bytes { get; }

    internal HeadLayer Layer { get; }

    internal HeadPath Path { get; }
}
