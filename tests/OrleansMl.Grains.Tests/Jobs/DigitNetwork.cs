using System.Globalization;
using System.Text;
using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Grains.Tests.Jobs;

/// <summary>A network over the 64 pixels of a digit that was trained on some digits alone: pixels / 16, a Gemm, a Softmax.</summary>
internal static class DigitNetwork
{
    /// <summary>Lines of the data set: 64 pixels and the digit.</summary>
    public static string[] Lines(string part, Func<int, bool> which) =>
        [.. Encoding.UTF8.GetString(TestData.Read($"optdigits/optdigits-{part}.csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => which(line[^1] - '0'))];

    public static string Csv(IEnumerable<string> lines) => string.Join(',', Enumerable.Range(0, 64).Select(i => $"x_{i}")) + ",label\n" + string.Join('\n', lines) + "\n";

    /// <summary>The network after one pass over the training rows of some digits.</summary>
    public static byte[] Trained(int classes, Func<int, bool> which)
    {
        var learner = HeadLearners.Start(HeadModel.Zero(64, classes), null, 1);
        foreach (var line in Lines("train", which))
        {
            double[] numbers = [.. line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            learner.LearnOne(numbers[..64].Select(pixel => pixel / 16).ToArray(), numbers[64]);
        }

        return Network(learner.Head);
    }

    /// <summary>y = softmax(x / 16 · wᵀ + b), [N, C].</summary>
    public static byte[] Network(HeadModel head)
    {
        var graph = new GraphProto { Name = "digits" };
        graph.Initializer.Add(new TensorProto { Name = "scale", DataType = (int)DataType.Float, FloatData = { 1 / 16f } });
        graph.Initializer.Add(new TensorProto { Name = "w", DataType = (int)DataType.Float, Dims = { head.Rows, 64 }, FloatData = { head.Weights.Select(w => (float)w) } });
        graph.Initializer.Add(new TensorProto { Name = "b", DataType = (int)DataType.Float, Dims = { head.Rows }, FloatData = { head.Bias.Select(b => (float)b) } });
        graph.Node.Add(new NodeProto { OpType = "Mul", Input = { "x", "scale" }, Output = { "h" } });
        graph.Node.Add(new NodeProto { OpType = "Gemm", Input = { "h", "w", "b" }, Output = { "z" }, Attribute = { new AttributeProto { Name = "transB", I = 1, Type = AttributeProto.Types.AttributeType.Int } } });
        graph.Node.Add(head.Rows > 1
            ? new NodeProto { OpType = "Softmax", Input = { "z" }, Output = { "y" }, Attribute = { new AttributeProto { Name = "axis", I = 1, Type = AttributeProto.Types.AttributeType.Int } } }
            : new NodeProto { OpType = "Sigmoid", Input = { "z" }, Output = { "y" } });
        graph.Input.Add(Value("x", 64));
        graph.Output.Add(Value("y", head.Rows));
        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 13 } } }.ToByteArray();
    }

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
}
