using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Batching;

/// <summary>Graphs to batch on.</summary>
internal static class Networks
{
    /// <summary>"x" FP32 [N, inputs] → "hidden" [N, width], "scores" [N, outputs], with weights of a fixed seed.</summary>
    public static byte[] Mlp(int inputs, int width, int outputs)
    {
        var random = new Random(5);
        float[] Weights(int count, int fanIn) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() - 0.5) * 2 / Math.Sqrt(fanIn)))];
        return Graphs.Model(
                Graphs.Node("MatMul", ["x", "w1"], ["p1"]),
                Graphs.Node("Add", ["p1", "b1"], ["s1"]),
                Graphs.Node("Relu", ["s1"], ["hidden"]),
                Graphs.Node("MatMul", ["hidden", "w2"], ["p2"]),
                Graphs.Node("Add", ["p2", "b2"], ["s2"]),
                Graphs.Node("Softmax", ["s2"], ["scores"]))
            .In("x", DataType.Float, "n", inputs).Out("scores", DataType.Float, "n", outputs).Out("hidden", DataType.Float, "n", width)
            .Floats("w1", [inputs, width], Weights(inputs * width, inputs)).Floats("b1", [width], Weights(width, 1))
            .Floats("w2", [width, outputs], Weights(width * outputs, width)).Floats("b2", [outputs], Weights(outputs, 1))
            .Bytes();
    }

    /// <summary>"x" FP32 [N, 3] → "double" of the same, and "share" [N, 3]: a softmax over the rows.</summary>
    public static byte[] AcrossRows() =>
        Graphs.Model(
                Graphs.Node("Add", ["x", "x"], ["double"]),
                Graphs.Node("Softmax", ["x"], ["share"], new AttributeProto { Name = "axis", I = 0, Type = AttributeProto.Types.AttributeType.Int }))
            .In("x", DataType.Float, "n", 3).Out("double", DataType.Float, "n", 3).Out("share", DataType.Float, "n", 3).Bytes();

    /// <summary>"i" INT64 [N] of 3 to 9 → "number" FP32 [N], one more; anything else fails.</summary>
    public static byte[] Numerals()
    {
        var ten = new TensorProto { Name = "ten", DataType = (int)DataType.Int64, Dims = { 1 }, Int64Data = { -10 } };
        var model = Graphs.Model(Graphs.Node("Add", ["i", "ten"], ["at"]), Graphs.Node("Gather", ["table", "at"], ["number"]))
            .In("i", DataType.Int64, "n").Out("number", DataType.Float, "n").Floats("table", [7], 4, 5, 6, 7, 8, 9, 10);
        model.Graph.Initializer.Add(ten);
        return model.Bytes();
    }
}
