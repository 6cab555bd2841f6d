using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Devices;

/// <summary>A session's options on the CPU, and what is said where a GPU is asked for that is not there.</summary>
public sealed class SessionOptionsTests
{
    public static TheoryData<OnnxModelOptions> Ways() =>
    [
        new OnnxModelOptions(),
        new OnnxModelOptions { IntraOpThreads = 1 },
        new OnnxModelOptions { IntraOpThreads = 0, SpinningThreads = true },
        new OnnxModelOptions { ParallelBranches = true, InterOpThreads = 2 },
        new OnnxModelOptions { MemoryArena = false, MemoryPattern = false },
        new OnnxModelOptions { ShrinksArena = true },
        new OnnxModelOptions { SessionEntries = OnnxModelOptions.Default.SessionEntries.Add("session.set_denormal_as_zero", "1") },
        new OnnxModelOptions { CudaGraphRows = [1, 8], Cuda = new CudaOptions { MemoryLimitBytes = 1 << 30 }, TensorRt = new TensorRtOptions { Fp16 = true } },
    ];

    [Theory, MemberData(nameof(Ways))]
    public void A_model_answers_alike_whatever_the_options(OnnxModelOptions options)
    {
        using var model = OnnxModel.Load(Graphs.Model(Graphs.Node("Add", ["x", "x"], ["y"])).In("x", DataType.Float, "n", 2).Out("y", DataType.Float, "n", 2).Bytes(), options);
        Assert.Equal([2f, 4f], model.Run([Vectors.Of("x", TensorType.Fp32, [1, 2], 1f, 2f)])[0].Values<float>());
        Assert.Equal(("cpu", null, null), (model.Device, model.FallbackReason, model.UnboundReason));
    }

    [Fact]
    public void By_way_of_TensorRT_the_fall_back_is_told_step_by_step()
    {
        using var model = OnnxModel.Load(Graphs.Identity(DataType.Float, 1), new OnnxModelOptions { Device = "tensorrt:9999", Fallback = DeviceFallback.Cpu });
        Assert.Equal("cpu", model.Device);
        Assert.Contains("'tensorrt:9999' cannot be had", model.FallbackReason, StringComparison.Ordinal);
        Assert.Contains("'cuda:9999' cannot be had", model.FallbackReason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_names_the_remedy_and_no_place_in_the_runtimes_source()
    {
        var refusal = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(Graphs.Identity(DataType.Float, 1), new OnnxModelOptions { Device = "cuda:9999" }));
        Assert.Equal(InspectCodes.DeviceUnavailable, refusal.Code);
        Assert.Contains("docs/gpu.md", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ErrorCode", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".cc:", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(refusal.Message, GpuInventory.WhyNot(DeviceId.Cuda(9999)));
        Assert.Null(GpuInventory.WhyNot(DeviceId.Cpu));
    }

    [Theory]
    [InlineData("[ErrorCode:Fail] /src/a.cc:20 Provider& Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library x.so.13 with error: no such file\n", "Failed to load library x.so.13 with error: no such file")]
    [InlineData("[ErrorCode:RuntimeException] CUDA execution provider is not enabled in this build. ", "CUDA execution provider is not enabled in this build")]
    [InlineData("anything.", "anything")]
    public void The_runtimes_words_are_kept_without_what_stands_before(string said, string expected) =>
        Assert.Equal(expected, RuntimeWords.Of(new InvalidOperationException(said)));

    [Fact]
    public async Task A_threads_queue_gives_results_and_failures_back_in_turn()
    {
        using var thread = new SessionThread("test");
        var here = Environment.CurrentManagedThreadId;
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => thread.Run(() => Environment.CurrentManagedThreadId))));
        Assert.NotEqual(here, Assert.Single(ids.Distinct()));
        Assert.Equal("no", Assert.Throws<InvalidDataException>(() => thread.Run<int>(() => throw new InvalidDataException("no"))).Message);
        Assert.Equal(1, thread.Run(() => 1));
    }
}
