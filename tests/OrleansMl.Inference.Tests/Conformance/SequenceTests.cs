using OrleansMl.Inference.Onnx;
using AttributeType = OrleansMl.Inference.Onnx.AttributeProto.Types.AttributeType;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>Sequences in outputs come as one tensor of all elements and one of shapes.</summary>
public class SequenceTests
{
    [Fact]
    public void Columns_split_to_a_sequence_come_one_after_the_other_with_their_shapes()
    {
        using var model = OnnxModel.Load(Sequence(DataType.Float, Split()).In("x", DataType.Float, "n", "m").Bytes());
        Assert.Equal(["s FP32 [-1]", "s.shapes INT64 [-1,-1]"], model.Signature.Outputs.Select(o => $"{o.Name} {o.Type.ToProtocolName()} {o.ShapeText}"));

        var outputs = model.Run([Vectors.Of("x", TensorType.Fp32, [2, 3], 1f, 2, 3, 4, 5, 6)]);
        Assert.Equal([6L], outputs[0].Shape.ToArray());
        Assert.Equal([1f, 4, 2, 5, 3, 6], outputs[0].Values<float>());
        Assert.Equal([3L, 2], outputs[1].Shape.ToArray());
        Assert.Equal([2L, 1, 2, 1, 2, 1], outputs[1].Values<long>());
    }

    [Fact]
    public void Texts_of_a_sequence_keep_their_bytes()
    {
        using var model = OnnxModel.Load(Sequence(DataType.String, Split()).In("x", DataType.String, "n", "m").Bytes());
        var outputs = model.Run([Vectors.Texts("x", [2, 2], "a", "b\0c", "", "über")], ["s.shapes", "s"]);
        Assert.Equal([2L, 1, 2, 1], outputs[0].Values<long>());
        Assert.Equal(["a", "", "b\0c", "über"], outputs[1].Texts());
    }

    [Fact]
    public void Tensors_of_different_rank_are_told_apart_by_shapes_filled_up()
    {
        using var model = OnnxModel.Load(Sequence(DataType.Int64, Graphs.Node("SequenceConstruct", ["x", "y", "z"], ["s"]))
            .In("x", DataType.Int64, 2, 1).In("y", DataType.Int64).In("z", DataType.Int64, "k").Bytes());
        var outputs = model.Run([Vectors.Of("x", TensorType.Int64, [2, 1], 1L, 2), Vectors.Of("y", TensorType.Int64, [], 3L), Vectors.Of<long>("z", TensorType.Int64, [0])]);
        Assert.Equal([1L, 2, 3], outputs[0].Values<long>());
        Assert.Equal([3L, 2], outputs[1].Shape.ToArray());
        Assert.Equal([2L, 1, -1, -1, 0, -1], outputs[1].Values<long>());
    }

    [Fact]
    public void A_sequence_of_nothing_has_no_elements_and_no_shapes()
    {
        var proto = Sequence(DataType.Float, Graphs.Node("SequenceEmpty", [], ["s"])).In("x", DataType.Float, 1).Out("y", DataType.Float, 1);
        proto.Graph.Node.Add(Graphs.Node("Identity", ["x"], ["y"]));
        using var model = OnnxModel.Load(proto.Bytes());
        var outputs = model.Run([Vectors.Of("x", TensorType.Fp32, [1], 7f)], ["s", "y", "s.shapes"]);
        Assert.Equal((TensorType.Fp32, 0), (outputs[0].Type, outputs[0].Data.Length));
        Assert.Equal([7f], outputs[1].Values<float>());
        Assert.Equal([0L, 0], outputs[2].Shape.ToArray());
    }

    [Fact]
    public void Sequences_are_never_batched_but_the_outputs_beside_them_are()
    {
        var proto = Sequence(DataType.Float, Split()).In("x", DataType.Float, "n", "m").Out("y", DataType.Float, "n", "m");
        proto.Graph.Node.Add(Graphs.Node("Identity", ["x"], ["y"]));
        var dimension = new BatchDimension(OnnxModelFile.Inspect(proto.Bytes()).File!.Signature, maxRows: 8);
        Assert.Null(dimension.WhyNever);
        Assert.True(dimension.AreSplittable(["y"]));
        Assert.False(dimension.AreSplittable(["s"]));
        Assert.False(dimension.AreSplittable(["s.shapes"]));
        Assert.Contains("Output 's' is of a sequence, which has no rows.", dimension.Reasons);
    }

    [Fact]
    public void A_sequence_whose_shapes_cannot_be_named_is_left_out_and_says_why()
    {
        var proto = Sequence(DataType.Float, Split()).In("x", DataType.Float, "n", "m").Out("s.shapes", DataType.Float, "n", "m");
        proto.Graph.Node.Add(Graphs.Node("Identity", ["x"], ["s.shapes"]));
        var signature = OnnxModelFile.Inspect(proto.Bytes()).File!.Signature;
        Assert.Equal(TensorType.Fp32, Assert.Single(signature.Outputs).Type);
        Assert.StartsWith("a sequence of tensors of FLOAT, whose parts would be called 's' and 's.shapes'", signature.OtherOutputs["s"], StringComparison.Ordinal);
    }

    private static NodeProto Split() => Graphs.Node("SplitToSequence", ["x"], ["s"], new AttributeProto { Name = "axis", I = 1, Type = AttributeType.Int });

    /// <summary>A graph of one node that makes the sequence s.</summary>
    private static ModelProto Sequence(DataType type, NodeProto node)
    {
        var model = Graphs.Model(node);
        model.Graph.Output.Add(new ValueInfoProto
        {
            Name = "s",
            Type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } } },
        });
        return model;
    }
}
