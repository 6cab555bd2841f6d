using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Devices;

/// <summary>On a GPU; skipped by name where there is none that the runtime can use.</summary>
public sealed class GpuTests
{
    private static readonly OnnxModelOptions s_cuda = new() { Device = "cuda:0", Cuda = new CudaOptions { TensorFloat32 = false } };

    [SkippableFact]
    public void Without_a_GPU_nothing_of_its_way_is_touched()
    {
        Skip.If(GpuInventory.WhyNot(DeviceId.Cuda(0)) is null, "There is a GPU.");
        using var model = OnnxModel.Load(Batching.Networks.Mlp(4, 8, 2), new OnnxModelOptions { Fallback = DeviceFallback.Cpu, CudaGraphRows = [1] });
        model.Run(WarmUp.InputsFor(model.Signature, 3));
        using var sessions = ModelSessions.Open(Batching.Networks.Mlp(4, 8, 2), new SessionGroup(OnnxModelOptions.Default));
        sessions.Run(WarmUp.InputsFor(model.Signature, 3));
        Assert.False(GpuInventory.IsTouched);
    }

    [SkippableTheory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    public void A_GPU_answers_as_the_CPU_does_bound_or_not(bool isBound, bool pinnedInputs, bool pinnedOutputs)
    {
        NeedGpu(DeviceId.Cuda(0));
        var options = s_cuda with { Binding = new GpuBinding { IsOn = isBound, PinnedInputs = pinnedInputs, PinnedOutputs = pinnedOutputs } };
        AssertAlike(options, [1, 3, 64, 2, 1]);
    }

    [SkippableFact]
    public void Captured_sizes_and_others_answer_alike_from_many_threads()
    {
        NeedGpu(DeviceId.Cuda(0));
        AssertAlike(s_cuda with { CudaGraphRows = [1, 4, 64] }, [1, 3, 4, 64, 1, 7, 64, 4]);
    }

    [SkippableFact]
    public void A_model_that_cannot_be_captured_is_refused_with_the_reason()
    {
        NeedGpu(DeviceId.Cuda(0));
        var free = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(Graphs.Identity(DataType.Float, "n", "m"), s_cuda with { CudaGraphRows = [1] }));
        Assert.Equal(InspectCodes.CudaGraphUnfit, free.Code);
        Assert.Contains("'in' has the shape [-1,-1]", free.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Shapes_that_cannot_be_bound_are_answered_all_the_same()
    {
        NeedGpu(DeviceId.Cuda(0));
        using var model = OnnxModel.Load(Graphs.Model(Graphs.Node("Add", ["in", "in"], ["out"])).In("in", DataType.Float, "n", "m").Out("out", DataType.Float, "n", "m").Bytes(), s_cuda);
        Assert.NotNull(model.UnboundReason);
        Assert.Equal([2f, 4f], model.Run([Vectors.Of("in", TensorType.Fp32, [1, 2], 1f, 2f)])[0].Values<float>());

        // Rows that are not the input's: bound buffers do not fit, which shows at the first run.
        using var sum = OnnxModel.Load(Graphs.Model(Graphs.Node("Concat", ["in", "in"], ["out"], new Onnx.AttributeProto { Name = "axis", I = 0, Type = Onnx.AttributeProto.Types.AttributeType.Int })).In("in", DataType.Float, "n", 1).Out("out", DataType.Float, "k", 1).Bytes(), s_cuda);
        for (var i = 0; i < 2; i++)
            Assert.Equal([5f, 6f, 5f, 6f], sum.Run([Vectors.Of("in", TensorType.Fp32, [2, 1], 5f, 6f)])[0].Values<float>());
        Assert.NotNull(sum.UnboundReason);
    }

    [SkippableFact]
    public void A_GPU_that_does_not_exist_beside_one_that_does_is_refused()
    {
        NeedGpu(DeviceId.Cuda(0));
        Assert.Equal(InspectCodes.DeviceUnavailable, Assert.Throws<ModelLoadException>(() => OnnxModel.Load(Graphs.Identity(DataType.Float, 1), s_cuda with { Device = $"cuda:{GpuInventory.Gpus.Length}" })).Code);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void TensorRT_answers_as_the_CPU_does_with_and_without_graphs(bool isGraph)
    {
        NeedGpu(DeviceId.TensorRt(0));
        AssertAlike(s_cuda with { Device = "tensorrt:0", TensorRt = new TensorRtOptions { ProfileRows = (64, 64) }, CudaGraphRows = isGraph ? [1, 64] : [] }, [1, 3, 64, 1]);
    }

    private static void NeedGpu(DeviceId device)
    {
        var why = GpuInventory.WhyNot(device);
        Skip.If(why is not null, $"There is no {device}: {why}");
    }

    private static void AssertAlike(OnnxModelOptions options, int[] sizes)
    {
        var bytes = Batching.Networks.Mlp(12, 64, 3);
        using var cpu = OnnxModel.Load(bytes);
        using var gpu = OnnxModel.Load(bytes, options);
        Assert.Equal(options.Device, gpu.Device);
        WarmUp.Run(gpu, sizes, TimeProvider.System);
        Parallel.For(0, 4 * sizes.Length, i =>
        {
            var rows = sizes[i % sizes.Length];
            var random = new Random(i);
            Tensor[] inputs = [Vectors.Of("x", TensorType.Fp32, [rows, 12], [.. Enumerable.Range(0, rows * 12).Select(_ => (float)(random.NextDouble() - 0.5))])];
            string[] wanted = i % 2 == 0 ? ["hidden", "scores"] : ["scores"];
            var (expected, actual) = (cpu.Run(inputs, wanted), gpu.Run(inputs, wanted));
            for (var o = 0; o < wanted.Length; o++)
            {
                Assert.Equal(expected[o].Shape.ToArray(), actual[o].Shape.ToArray());
                Assert.All(expected[o].Numbers().Zip(actual[o].Numbers()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            }
        });
        Assert.Equal(options.Binding.IsOn ? null : "binding is turned off", gpu.UnboundReason);
    }
}
