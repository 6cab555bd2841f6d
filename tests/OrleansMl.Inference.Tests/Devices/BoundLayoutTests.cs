using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Devices;

/// <summary>Which models can be bound to a GPU's memory, and how large their buffers are.</summary>
public sealed class BoundLayoutTests
{
    [Fact]
    public void A_model_of_rows_is_laid_out_by_the_row()
    {
        var layout = BoundLayout.Of(SignatureOf(Graphs.Model(Graphs.Node("Add", ["a", "b"], ["sum"])).In("a", DataType.Float, "n", 4).In("b", DataType.Float, 4).Out("sum", DataType.Float, "n", 4).Bytes()), out var why);
        Assert.NotNull(layout);
        Assert.Null(why);
        Assert.Equal(((3L * 16) + 16) + (3 * 16), layout.BytesOf(3));
        var order = new int[2];
        var (a, b) = (Vectors.Of("a", TensorType.Fp32, [3, 4], new float[12]), Vectors.Of("b", TensorType.Fp32, [4], new float[4]));
        Assert.Equal(3, layout.RowsOf([b, a], order));
        Assert.Equal([1, 0], order);
        Assert.Equal([3L, 4], layout.Outputs[0].ShapeOf(3));
    }

    [Fact]
    public void Inputs_with_other_numbers_of_rows_are_not_bound()
    {
        var layout = BoundLayout.Of(SignatureOf(Graphs.Model(Graphs.Node("Add", ["a", "b"], ["sum"])).In("a", DataType.Float, "n", 2).In("b", DataType.Float, "m", 2).Out("sum", DataType.Float, "n", 2).Bytes()), out _)!;
        Assert.Equal(-1, layout.RowsOf([Vectors.Of("a", TensorType.Fp32, [2, 2], new float[4]), Vectors.Of("b", TensorType.Fp32, [1, 2], new float[2])], new int[2]));
    }

    [Fact]
    public void A_model_of_fixed_shapes_is_one_run_of_one_size()
    {
        var layout = BoundLayout.Of(SignatureOf(Graphs.Identity(DataType.Double, 5)), out _)!;
        Assert.Equal(1, layout.RowsOf([Vectors.Of("in", TensorType.Fp64, [5], new double[5])], new int[1]));
        Assert.Equal(80, layout.BytesOf(1));
    }

    [Fact]
    public void What_cannot_be_bound_is_said_by_name()
    {
        Assert.Equal("input 'in' is BYTES", WhyNot(Graphs.Identity(DataType.String, "n")));
        Assert.Equal("input 'in' has the shape [-1,-1], in which more than the first dimension is free", WhyNot(Graphs.Identity(DataType.Float, "n", "m")));
        Assert.Equal("output 'out' has the shape [-1,-1], in which more than the first dimension is free", WhyNot(Graphs.Model(Graphs.Node("Identity", ["in"], ["out"])).In("in", DataType.Float, "n", 2).Out("out", DataType.Float, "n", "m").Bytes()));
    }

    [Fact]
    public void A_size_beyond_all_memory_is_a_size_and_no_fault() =>
        Assert.Equal(2L << 40, BoundLayout.Of(SignatureOf(Graphs.Identity(DataType.Float, "n", 2_000_000_000, 2_000_000_000)), out _)!.BytesOf(1_000_000));

    private static string? WhyNot(byte[] model)
    {
        Assert.Null(BoundLayout.Of(SignatureOf(model), out var why));
        return why;
    }

    private static ModelSignature SignatureOf(byte[] model) => OnnxModelFile.Inspect(model).File!.Signature;
}
