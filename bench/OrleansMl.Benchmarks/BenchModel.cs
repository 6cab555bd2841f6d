using Google.Protobuf;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Benchmarks;

/// <summary>A small network, [N, 16] → 32 → 1 unless said otherwise: big enough to be a model, small enough that the server is what is measured.</summary>
internal static class BenchModel
{
    public const int Inputs = 16;

    public static byte[] Create(int inputs = Inputs, int hidden = 32, int outputs = 1, int seed = 1)
    {
        var random = new Random(seed);
        var graph = new GraphProto { Name = "bench" };
        graph.Initializer.Add(Weights("w1", random, inputs, hidden));
        graph.Initializer.Add(Weights("b1", random, hidden));
        graph.Initializer.Add(Weights("w2", random, hidden, outputs));
        graph.Initializer.Add(Weights("b2", random, outputs));
        graph.Node.Add(new NodeProto { OpType = "Gemm", Input = { "x", "w1", "b1" }, Output = { "h" } });
        graph.Node.Add(new NodeProto { OpType = "Relu", Input = { "h" }, Output = { "r" } });
        graph.Node.Add(new NodeProto { OpType = "Gemm", Input = { "r", "w2", "b2" }, Output = { "s" } });
        graph.Node.Add(new NodeProto { OpType = "Sigmoid", Input = { "s" }, Output = { "y" } });
        graph.Input.Add(Value("x", inputs));
        graph.Output.Add(Value("y", outputs));
        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } }.ToByteArray();
    }

    private static TensorProto Weights(string name, Random random, params int[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float };
        tensor.Dims.AddRange(shape.Select(d => (long)d));
        tensor.FloatData.AddRange(Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => (float)(random.NextDouble() - 0.5)));
        return tensor;
    }

    private static ValueInfoProto Value(string name, int width) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)TensorProto.Types.DataType.Float,
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" }, new TensorShapeProto.Types.Dimension { DimValue = width } } },
            },
        },
    };
}
