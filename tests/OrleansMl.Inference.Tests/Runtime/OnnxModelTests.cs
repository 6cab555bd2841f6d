using System.Text;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Runtime;

public class OnnxModelTests
{
    public static TheoryData<TensorType> FixedTypes => new(Enum.GetValues<TensorType>().Where(t => t != TensorType.Bytes));

    [Theory]
    [MemberData(nameof(FixedTypes))]
    public void Every_type_goes_in_and_comes_out_bit_for_bit(TensorType type)
    {
        using var model = OnnxModel.Load(Graphs.Identity(OnnxTypes.ToOnnx(type), "n", 3));
        var data = new byte[6 * type.Size()];
        new Random(3).NextBytes(data);
        if (type == TensorType.Bool)
            data = [.. data.Select(b => (byte)(b & 1))];

        var output = Assert.Single(model.Run([new Tensor("in", type, new long[] { 2, 3 }, data)]));

        Assert.Equal(("out", type), (output.Name, output.Type));
        Assert.Equal([2, 3], output.Shape.ToArray());
        Assert.Equal(data, output.Data.ToArray());
    }

    [Theory]
    [MemberData(nameof(FixedTypes))]
    public void Tensors_without_elements_keep_their_shape(TensorType type)
    {
        using var model = OnnxModel.Load(Graphs.Identity(OnnxTypes.ToOnnx(type), "n", 3));
        var output = Assert.Single(model.Run([new Tensor("in", type, new long[] { 0, 3 }, default)]));
        Assert.Equal([0, 3], output.Shape.ToArray());
        Assert.True(output.Data.IsEmpty);
    }

    [Fact]
    public void Outputs_of_other_shapes_than_the_graph_states_are_given_as_they_are()
    {
        // One row whatever is asked, and the graph says as many as come in.
        var mean = Graphs.Node("ReduceMean", ["in"], ["out"], new AttributeProto { Name = "axes", Ints = { 0 }, Type = AttributeProto.Types.AttributeType.Ints });
        using var model = OnnxModel.Load(Graphs.Model(mean).In("in", DataType.Float, "n", 2).Out("out", DataType.Float, "n", 2).Bytes());
        Assert.Equal("[-1,2]", model.Signature.FindOutput("out")!.ShapeText);
        for (var i = 0; i < 3; i++)
        {
            var one = Assert.Single(model.Run([Vectors.Of("in", TensorType.Fp32, [1, 2], 3f, 4f)]));
            var two = Assert.Single(model.Run([Vectors.Of("in", TensorType.Fp32, [2, 2], 1f, 2f, 3f, 6f)]));
            Assert.Equal([1, 2], one.Shape.ToArray());
            Assert.Equal([3f, 4f], one.Values<float>());
            Assert.Equal([1, 2], two.Shape.ToArray());
            Assert.Equal([2f, 4f], two.Values<float>());
        }
    }

    [Fact]
    public void A_graph_of_many_inputs_answers()
    {
        var names = Enumerable.Range(0, 300).Select(i => $"in{i}").ToArray();
        var graph = Graphs.Model(Graphs.Node("Sum", names, ["out"])).Out("out", DataType.Float, "n");
        foreach (var name in names)
            graph.In(name, DataType.Float, "n");
        using var model = OnnxModel.Load(graph.Bytes());
        Assert.Equal([300f, 600f], Assert.Single(model.Run([.. names.Select(n => Vectors.Of(n, TensorType.Fp32, [2], 1f, 2f))])).Values<float>());
    }

    [Fact]
    public void Outputs_are_given_in_the_order_asked_for_and_each_run_has_memory_of_its_own()
    {
        using var model = OnnxModel.Load(Graphs.Model(Graphs.Node("Neg", ["in"], ["minus"]), Graphs.Node("Cast", ["in"], ["whole"], new AttributeProto { Name = "to", I = (int)DataType.Int64, Type = AttributeProto.Types.AttributeType.Int }))
            .In("in", DataType.Float, "n").Out("minus", DataType.Float, "n").Out("whole", DataType.Int64, "n").Bytes());
        var first = model.Run([Vectors.Of("in", TensorType.Fp32, [2], 1f, 2f)], ["whole", "minus"]);
        var second = model.Run([Vectors.Of("in", TensorType.Fp32, [2], 5f, 6f)], ["minus"]);
        Assert.Equal(["whole", "minus"], first.Select(o => o.Name));
        Assert.Equal([1L, 2L], first[0].Values<long>());
        Assert.Equal([-1f, -2f], first[1].Values<float>());
        Assert.Equal([-5f, -6f], Assert.Single(second).Values<float>());
    }

    [Fact]
    public void Texts_keep_every_byte_even_none_and_nul()
    {
        using var model = OnnxModel.Load(Graphs.Identity(DataType.String, "n"));
        string[] texts = ["", "a\0b", "Zürich – 東京 😀", new string('x', 70_000)];
        var output = Assert.Single(model.Run([Vectors.Texts("in", [4], texts)]));
        Assert.Equal(TensorType.Bytes, output.Type);
        Assert.Equal(texts, output.Texts());

        Assert.Equal([0L], Assert.Single(model.Run([Vectors.Texts("in", [0])])).Shape.ToArray());
    }

    [Fact]
    public void A_scalar_and_data_at_an_odd_address_are_taken()
    {
        using var scalar = OnnxModel.Load(Graphs.Identity(DataType.Double));
        Assert.Equal([2.5], Assert.Single(scalar.Run([Vectors.Of("in", TensorType.Fp64, [], 2.5)])).Values<double>());

        using var vector = OnnxModel.Load(Graphs.Identity(DataType.Double, "n"));
        var body = new byte[1 + (8 * 2)];
        BitConverter.TryWriteBytes(body.AsSpan(1), 1.25);
        BitConverter.TryWriteBytes(body.AsSpan(9), -7.5);
        Assert.Equal([1.25, -7.5], Assert.Single(vector.Run([new Tensor("in", TensorType.Fp64, new long[] { 2 }, body.AsMemory(1))])).Values<double>());
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name_value_and_remedy()
    {
        using var model = OnnxModel.Load(Graphs.Model(Graphs.Node("Add", ["a", "b"], ["sum"]), Graphs.Node("Sub", ["a", "b"], ["difference"]))
            .In("a", DataType.Float, "n", 2).In("b", DataType.Float, "n", 2).Out("sum", DataType.Float, "n", 2).Out("difference", DataType.Float, "n", 2).Bytes());
        var a = Vectors.Of("a", TensorType.Fp32, [1, 2], 1f, 2f);
        var b = Vectors.Of("b", TensorType.Fp32, [1, 2], 3f, 5f);

        string Refused(IReadOnlyList<Tensor> inputs, params string[] outputs) => Assert.Throws<InferenceInputException>(() => model.Run(inputs, outputs)).Message;

        Assert.Equal("The request lacks 'b' (FP32, [-1,2]); send every input.", Refused([a]));
        Assert.Equal("There is no input 'c' (inputs: 'a', 'b').", Refused([a, Vectors.Of("c", TensorType.Fp32, [1, 2], 1f, 2f)]));
        Assert.Equal("Input 'a' is sent twice; send it once.", Refused([a, a]));
        Assert.Equal("Input 'a' is FP64; the model takes FP32.", Refused([Vectors.Of("a", TensorType.Fp64, [1, 2], 1d, 2d), b]));
        Assert.Equal("Input 'a' has shape [2] of rank 1; the model takes [-1,2] of rank 2.", Refused([Vectors.Of("a", TensorType.Fp32, [2], 1f, 2f), b]));
        Assert.Equal("Input 'a' has shape [1,3]; dimension 1 is 3, the model takes 2 ([-1,2]).", Refused([Vectors.Of("a", TensorType.Fp32, [1, 3], 1f, 2f, 3f), b]));
        Assert.Equal("There is no output 'x' (outputs: 'sum', 'difference').", Refused([a, b], "x"));
        Assert.Equal("Output 'sum' is asked for twice; ask once.", Refused([a, b], "sum", "sum"));

        var asked = model.Run([b, a], ["difference", "sum"]);
        Assert.Equal(["difference", "sum"], asked.Select(t => t.Name));
        Assert.Equal([-2f, -3f], asked[0].Values<float>());
        Assert.Equal([4f, 7f], asked[1].Values<float>());
    }

    [Fact]
    public void A_boolean_other_than_0_or_1_never_reaches_native_code()
    {
        using var model = OnnxModel.Load(Graphs.Identity(DataType.Bool, "n"));
        var message = Assert.Throws<InferenceInputException>(() => model.Run([new Tensor("in", TensorType.Bool, new long[] { 3 }, new byte[] { 0, 1, 7 })])).Message;
        Assert.Equal("Input 'in' has the byte 7 at element 2; BOOL takes 0 or 1.", message);
    }

    [Fact]
    public void A_failure_inside_the_runtime_is_told_and_the_model_goes_on()
    {
        using var model = OnnxModel.Load(Graphs.Model(Graphs.Node("Gather", ["table", "at"], ["out"]))
            .In("at", DataType.Int64, "n").Out("out", DataType.Float, "n").Floats("table", [3], 1, 2, 3).Bytes());
        Assert.Contains("out of", Assert.Throws<InferenceRunException>(() => model.Run([Vectors.Of("at", TensorType.Int64, [1], 99L)])).Message, StringComparison.Ordinal);
        Assert.Equal([3f], model.Run([Vectors.Of("at", TensorType.Int64, [1], 2L)])[0].Values<float>());
    }

    [Fact]
    public void A_graph_that_the_runtime_refuses_says_why()
    {
        var bytes = Graphs.Model(Graphs.Node("NoSuchOperator", ["in"], ["out"])).In("in", DataType.Float).Out("out", DataType.Float).Bytes();
        var exception = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(bytes));
        Assert.Equal(InspectCodes.LoadFailed, exception.Code);
        Assert.Contains("NoSuchOperator", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_cannot_be_had_is_refused_or_replaced_and_said()
    {
        var bytes = Graphs.Identity(DataType.Float, 1);
        // No machine has so many GPUs.
        var options = new OnnxModelOptions { Device = "cuda:9999" };
        var refusal = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(bytes, options));
        Assert.Equal(InspectCodes.DeviceUnavailable, refusal.Code);

        using var model = OnnxModel.Load(bytes, options with { Fallback = DeviceFallback.Cpu });
        Assert.Equal("cpu", model.Device);
        Assert.Contains("cuda:9999", model.FallbackReason, StringComparison.Ordinal);
        Assert.Equal([4f], model.Run([Vectors.Of("in", TensorType.Fp32, [1], 4f)])[0].Values<float>());

        Assert.Equal(InspectCodes.DeviceUnavailable, Assert.Throws<ModelLoadException>(() => OnnxModel.Load(bytes, options with { Device = "tpu" })).Code);
    }

    [Fact]
    public void A_disposed_model_refuses_to_run()
    {
        var model = OnnxModel.Load(Graphs.Identity(DataType.Float, 1));
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Run([Vectors.Of("in", TensorType.Fp32, [1], 4f)]));
    }

    [Fact]
    public void Many_threads_get_their_own_answers()
    {
        using var model = OnnxModel.Load(Graphs.Model(Graphs.Node("Add", ["a", "a"], ["sum"])).In("a", DataType.Float, "n").Out("sum", DataType.Float, "n").Bytes());
        Parallel.For(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var output = model.Run([Vectors.Of("a", TensorType.Fp32, [2], (float)i, i + 0.5f)])[0].Values<float>();
            Assert.Equal([2f * i, (2f * i) + 1], output);
        });
    }

    [Fact]
    public void Warming_runs_each_batch_size_and_reports_failures()
    {
        using var model = OnnxModel.Load(Graphs.Identity(DataType.Float, "n", "m", 2));
        var steps = WarmUp.Run(model, [1, 8, 8, 64], TimeProvider.System);
        Assert.Equal([1, 8, 64], steps.Select(s => s.BatchSize));
        Assert.All(steps, s => Assert.Null(s.Failure));

        using var five = OnnxModel.Load(Graphs.Model(Graphs.Node("Add", ["in", "five"], ["out"]))
            .In("in", DataType.Float, "n").Out("out", DataType.Float, "m").Floats("five", [5], 1, 2, 3, 4, 5).Bytes());
        var mixed = WarmUp.Run(five, [3, 5], TimeProvider.System);
        Assert.NotNull(mixed[0].Failure);
        Assert.Null(mixed[1].Failure);

        using var one = OnnxModel.Load(Graphs.Identity(DataType.Float, 1, 2));
        Assert.Single(WarmUp.Run(one, [1, 8], TimeProvider.System));
    }

    [Fact]
    public void Warming_repeats_the_first_row_of_a_recorded_request_and_passes_over_one_that_does_not_fit()
    {
        using var model = OnnxModel.Load(Graphs.Identity(DataType.Float, "n", 2));
        var name = model.Signature.Inputs[0].Name;
        var repeated = WarmUp.Repeat(model.Signature, [Vectors.Of(name, TensorType.Fp32, [2, 2], 1f, 2f, 3f, 4f)], 3)![0];
        Assert.Equal([3L, 2L], repeated.Shape.ToArray());
        Assert.Equal([1f, 2f, 1f, 2f, 1f, 2f], repeated.Values<float>());
        Assert.Null(WarmUp.Repeat(model.Signature, [Vectors.Of(name, TensorType.Fp32, [1, 3], 1f, 2f, 3f)], 3));

        using var texts = OnnxModel.Load(Graphs.Identity(DataType.String, "n"));
        var words = WarmUp.Repeat(texts.Signature, [new Tensor(texts.Signature.Inputs[0].Name, new long[] { 2 }, new ReadOnlyMemory<byte>[] { "a"u8.ToArray(), "b"u8.ToArray() })], 2)![0];
        Assert.Equal(["a"u8.ToArray(), "a"u8.ToArray()], words.Elements.ToArray().Select(e => e.ToArray()));
    }

    [Fact]
    public void A_damaged_model_is_refused_or_runs_and_the_process_lives()
    {
        DamagedModels.AreRefusedOrRun(Graphs.HashedClassifier([1, 2], [1, 2, 3]), rounds: 600, seed: 11);
    }
}
