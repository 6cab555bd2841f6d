using System.Runtime.InteropServices;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Heads;

/// <summary>Small networks whose heads stand in the graph in every form that is learned. A row is 8 numbers, an embedding 4.</summary>
internal static class NetworkForms
{
    private static readonly float[] s_trunk = [.. Enumerable.Range(0, 32).Select(i => ((i * 7 % 13) - 6) / 8f)];
    private static readonly float[] s_weights = [.. Enumerable.Range(0, 12).Select(i => ((i * 5 % 11) - 5) / 4f)];
    private static readonly float[] s_bias = [0.5f, -0.25f, 0.125f];

    public static IReadOnlyDictionary<string, Func<byte[]>> All { get; } = new Dictionary<string, Func<byte[]>>
    {
        ["gemm"] = () => Dense(Graphs.Node("Gemm", ["h", "w", "b"], ["z"])).Softmax(),
        ["gemm without constants"] = () => Dense(Graphs.Node("Gemm", ["h", "w"], ["z"])).Softmax(),
        ["gemm, transposed"] = () => Dense(Graphs.Node("Gemm", ["h", "wt", "b"], ["z"], Int("transB", 1))).Softmax(),
        ["gemm, alpha and beta"] = () => Dense(Graphs.Node("Gemm", ["h", "w", "b"], ["z"], Float("alpha", 0.5f), Float("beta", 2))).Softmax(),
        ["gemm, beta 0"] = () => Dense(Graphs.Node("Gemm", ["h", "w", "b"], ["z"], Float("beta", 0))).Softmax(),
        ["matmul"] = () => Dense(Graphs.Node("MatMul", ["h", "w"], ["z"])).Softmax(),
        ["matmul, add"] = () => Dense(Graphs.Node("MatMul", ["h", "w"], ["p"]), Graphs.Node("Add", ["p", "b"], ["z"])).Softmax(),
        ["matmul, add before"] = () => Dense(Graphs.Node("MatMul", ["h", "w"], ["p"]), Graphs.Node("Add", ["b", "p"], ["z"])).Softmax(),
        ["matmul, reshaped weights"] = () => Dense(Graphs.Node("Reshape", ["flat", "shape"], ["w0"]), Graphs.Node("MatMul", ["h", "w0"], ["p"]), Graphs.Node("Add", ["p", "b"], ["z"])).Softmax(),
        ["shared constants"] = () => Dense(Graphs.Node("Gemm", ["h", "w", "b"], ["z"]), Graphs.Node("Identity", ["b"], ["same"])).Softmax(),
        ["constants of a node"] = () => Dense(Graphs.Node("Constant", [], ["w0"], Tensor([4, 3], s_weights)), Graphs.Node("Gemm", ["h", "w0", "b"], ["z"])).Softmax(),
        ["reshaped scores"] = () => Dense(Graphs.Node("Gemm", ["h", "w", "b"], ["z0"]), Graphs.Node("Reshape", ["z0", "rows"], ["z"])).Softmax(),
        ["old format"] = () => Old(Dense(Graphs.Node("MatMul", ["h", "w"], ["z"])).Softmax(), 3, 9),
        ["fixed row"] = () => Fixed(Dense(Graphs.Node("Reshape", ["h", "one"], ["h1"]), Graphs.Node("Gemm", ["h1", "w", "b"], ["z"])).Softmax()),
        ["convolution"] = () => Conv(DataType.Float),
        ["convolution in half precision"] = () => Conv(DataType.Float16),
        ["one logit"] = () => One(Graphs.Node("Gemm", ["h", "w1", "b1"], ["z"]), Graphs.Node("Sigmoid", ["z"], ["y"])),
        ["rectified scores"] = () => Dense(Graphs.Node("Gemm", ["h", "w", "b"], ["z0"]), Graphs.Node("Relu", ["z0"], ["z"])).Softmax(),
        ["rectified scores of a product"] = () => Dense(Graphs.Node("MatMul", ["h", "w"], ["p"]), Graphs.Node("Add", ["p", "b"], ["z0"]), Graphs.Node("Relu", ["z0"], ["z"])).Softmax(),
        ["rectified mean of a convolution"] = () => Conv(DataType.Float, rectifiedMean: true),
        ["a rectified logit"] = () => One(Graphs.Node("Gemm", ["h", "w1", "b1"], ["z"]), Graphs.Node("Relu", ["z"], ["r"]), Graphs.Node("Sigmoid", ["r"], ["y"])),
        ["a rectified value"] = () => One(Graphs.Node("Gemm", ["h", "w1", "b1"], ["z"]), Graphs.Node("Relu", ["z"], ["y"])),
        ["a rectified probability"] = () => One(Graphs.Node("Gemm", ["h", "w1", "b1"], ["z"]), Graphs.Node("Sigmoid", ["z"], ["p"]), Graphs.Node("Relu", ["p"], ["y"])),
        ["a value"] = () => One(Graphs.Node("Gemm", ["h", "w1", "b1"], ["y"])),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static TheoryData<string> Multiclass => [.. All.Keys.Where(name => !name.StartsWith("a ", StringComparison.Ordinal) && name != "one logit")];

    public static byte[] Network(params NodeProto[] nodes)
    {
        var model = Dense(nodes).Floats("w2", [4, 3], s_weights).Floats("s", [], 1);
        model.Graph.Initializer.Add(new TensorProto { Name = "z0", DataType = (int)DataType.Uint8, Int32Data = { 0 } });
        foreach (var name in nodes.SelectMany(node => node.Output).Where(name => name[0] == 'y'))
            model.Out(name, DataType.Float, "n", 3);
        return model.Bytes();
    }

    /// <summary>[rows, 8].</summary>
    public static float[] Rows(int rows) => [.. Enumerable.Range(0, rows * 8).Select(i => (i * 3 % 7 / 4f) - 0.5f)];

    public static double[] Answer(OnnxModel network, NetworkHead head, float[] rows, int count)
    {
        var input = network.Signature.Inputs.Single();
        var perRun = input.Shape[0] == 1 ? 1 : count;
        return [.. Enumerable.Range(0, count / perRun).SelectMany(run => network.Run(
            [new Tensor(input.Name, input.Type, (long[])[perRun, .. input.Shape.Skip(1)], TensorNumbers.ToBytes(input.Type, rows.AsSpan(run * perRun * 8, perRun * 8)))],
            [head.Output])[0].Numbers())];
    }

    /// <summary>h = relu(x · t), and the constants that heads are made of.</summary>
    private static ModelProto Dense(params NodeProto[] nodes)
    {
        var model = Graphs.Model([Graphs.Node("MatMul", ["x", "t"], ["h0"]), Graphs.Node("Relu", ["h0"], ["h"]), .. nodes])
            .In("x", DataType.Float, "n", 8)
            .Floats("t", [8, 4], s_trunk)
            .Floats("w", [4, 3], s_weights)
            .Floats("flat", [2, 2, 3], s_weights)
            .Floats("wt", [3, 4], s_weights)
            .Floats("b", [3], s_bias)
            .Floats("w1", [4, 1], s_weights[..4])
            .Floats("b1", [1], 0.25f);
        model.Graph.Initializer.Add(new TensorProto { Name = "shape", DataType = (int)DataType.Int64, Dims = { 2 }, Int64Data = { 4, 3 } });
        model.Graph.Initializer.Add(new TensorProto { Name = "rows", DataType = (int)DataType.Int64, Dims = { 2 }, Int64Data = { -1, 3 } });
        model.Graph.Initializer.Add(new TensorProto { Name = "one", DataType = (int)DataType.Int64, Dims = { 2 }, Int64Data = { 1, 4 } });
        return model;
    }

    private static byte[] Softmax(this ModelProto model)
    {
        model.Graph.Node.Add(Graphs.Node("Softmax", ["z"], ["y"], Int("axis", 1)));
        model.Graph.ValueInfo.Add(Graphs.Value("z", DataType.Float, "n", 3));
        return model.Out("y", DataType.Float, "n", 3).Bytes();
    }

    private static byte[] One(params NodeProto[] nodes) => Dense(nodes).Out("y", DataType.Float, "n", 1).Bytes();

    private static byte[] Old(byte[] bytes, long format, long opset)
    {
        var model = ModelProto.Parser.ParseFrom(bytes);
        (model.IrVersion, model.OpsetImport[0].Version) = (format, opset);
        foreach (var tensor in model.Graph.Initializer)
            model.Graph.Input.Add(Graphs.Value(tensor.Name, (DataType)tensor.DataType, [.. tensor.Dims.Select(dimension => (object)dimension)]));
        return model.Bytes();
    }

    private static byte[] Fixed(byte[] bytes)
    {
        var model = ModelProto.Parser.ParseFrom(bytes);
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output).Concat(model.Graph.ValueInfo))
            value.Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimValue = 1 };
        return model.Bytes();
    }

    /// <summary>An image of 2 channels of 2 × 2, a 1×1 convolution to 4 channels, and the head as another one before the mean over space.</summary>
    private static byte[] Conv(DataType type, bool rectifiedMean = false)
    {
        var model = Graphs.Model(
                Graphs.Node("Conv", ["x", "t", "tb"], ["h0"]),
                Graphs.Node("Relu", ["h0"], ["h"]),
                Graphs.Node("Conv", ["h", "w", "b"], ["z"], Ints("kernel_shape", 1, 1)),
                Graphs.Node("GlobalAveragePool", ["z"], ["p0"]),
                Graphs.Node(rectifiedMean ? "Relu" : "Identity", ["p0"], ["p"]),
                Graphs.Node("Flatten", ["p"], ["f"]),
                Graphs.Node("Softmax", ["f"], ["y"], Int("axis", 1)))
            .In("x", type, "n", 2, 2, 2)
            .Out("y", type, "n", 3);
        foreach (var (name, dims, values) in new[] { ("t", new long[] { 4, 2, 1, 1 }, s_trunk[..8]), ("tb", [4], [0.1f, 0.2f, 0, 0]), ("w", [3, 4, 1, 1], s_weights), ("b", [3], s_bias) })
        {
            var tensor = new TensorProto { Name = name, DataType = (int)type, Dims = { dims } };
            tensor.RawData = Google.Protobuf.ByteString.CopyFrom(type == DataType.Float ? MemoryMarshal.AsBytes(values.AsSpan()) : MemoryMarshal.AsBytes(values.Select(v => (Half)v).ToArray().AsSpan()));
            model.Graph.Initializer.Add(tensor);
        }

        return model.Bytes();
    }

    private static AttributeProto Int(string name, long value) => new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    private static AttributeProto Ints(string name, params long[] values) => new() { Name = name, Ints = { values }, Type = AttributeProto.Types.AttributeType.Ints };

    private static AttributeProto Float(string name, float value) => new() { Name = name, F = value, Type = AttributeProto.Types.AttributeType.Float };

    private static AttributeProto Tensor(long[] dims, float[] values) => new() { Name = "value", T = new TensorProto { DataType = (int)DataType.Float, Dims = { dims }, FloatData = { values } }, Type = AttributeProto.Types.AttributeType.Tensor };
}
