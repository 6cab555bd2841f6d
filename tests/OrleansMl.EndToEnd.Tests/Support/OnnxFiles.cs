using OrleansMl.Inference.Onnx;
using OrleansMl.Inference.Tests;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>Small ONNX files, by the names that the protocol's recorded requests use.</summary>
internal static class OnnxFiles
{
    /// <summary>OUTPUT0 = INPUT0 + INPUT1, OUTPUT1 = INPUT0 - INPUT1.</summary>
    public static byte[] Simple() => TwoOutputs("Add", "Sub");

    /// <summary>OUTPUT0 = INPUT0 - INPUT1, OUTPUT1 = INPUT0 + INPUT1: tells itself from <see cref="Simple"/>.</summary>
    public static byte[] Swapped() => TwoOutputs("Sub", "Add");

    /// <summary>OUTPUT0 = INPUT0, texts.</summary>
    public static byte[] IdentityOfTexts() =>
        Graphs.Model(Graphs.Node("Identity", ["INPUT0"], ["OUTPUT0"])).In("INPUT0", DataType.String, "n", "k").Out("OUTPUT0", DataType.String, "n", "k").Bytes();

    /// <summary>Its weights are said to lie in a file beside it.</summary>
    public static byte[] WithExternalData()
    {
        var weights = new TensorProto { Name = "w", DataType = (int)DataType.Float, DataLocation = TensorProto.Types.DataLocation.External };
        weights.Dims.Add([2, 1]);
        weights.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../../etc/weights.bin" });
        var model = Graphs.Model(Graphs.Node("MatMul", ["x", "w"], ["y"])).In("x", DataType.Float, "n", 2).Out("y", DataType.Float, "n", 1);
        model.Graph.Initializer.Add(weights);
        return model.Bytes();
    }

    private static byte[] TwoOutputs(string first, string second) =>
        Graphs.Model(Graphs.Node(first, ["INPUT0", "INPUT1"], ["OUTPUT0"]), Graphs.Node(second, ["INPUT0", "INPUT1"], ["OUTPUT1"]))
            .In("INPUT0", DataType.Int32, "n", 16).In("INPUT1", DataType.Int32, "n", 16)
            .Out("OUTPUT0", DataType.Int32, "n", 16).Out("OUTPUT1", DataType.Int32, "n", 16).Bytes();
}
