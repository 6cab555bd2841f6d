namespace OrleansMl.Inference.Tests.Batching;

using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

/// <summary>Graphs of matrix products.</summary>
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
}
