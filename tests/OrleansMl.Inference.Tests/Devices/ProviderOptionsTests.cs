using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Devices;

/// <summary>Options of the execution providers, as the runtime takes them.</summary>
public sealed class ProviderOptionsTests
{
    private static ModelSignature Signature(params object[] shape) => OnnxModelFile.Inspect(Graphs.Identity(DataType.Float, shape)).File!.Signature;

    [Theory]
    [InlineData("cpu", DeviceKind.Cpu, 0)]
    [InlineData("cuda:0", DeviceKind.Cuda, 0)]
    [InlineData("tensorrt:12", DeviceKind.TensorRt, 12)]
    public void A_device_is_read_as_it_is_written(string text, DeviceKind kind, int number)
    {
        Assert.True(DeviceId.TryParse(text, out var device));
        Assert.Equal((kind, number, text, kind != DeviceKind.Cpu), (device.Kind, device.Number, device.ToString(), device.IsGpu));
    }

    [Theory]
    [InlineData("")]
    [InlineData("CPU")]
    [InlineData("cuda")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda: 1")]
    [InlineData("cuda:99999999999")]
    [InlineData("tensorrt:x")]
    [InlineData("rocm:0")]
    [InlineData(null)]
    public void What_is_no_device_is_not_read(string? text) => Assert.False(DeviceId.TryParse(text, out _));

    [Fact]
    public void What_is_not_stated_is_left_to_the_runtime()
    {
        Assert.Equal([("device_id", "3")], Of(CudaOptions.Default.ToProviderOptions(3, isGraph: false)));
        Assert.Equal([("device_id", "0")], Of(TensorRtOptions.Default.ToProviderOptions(0, isGraph: false, Signature("n", 4))));
        Assert.Empty(CudaOptions.Default.Faults());
        Assert.Empty(TensorRtOptions.Default.Faults());
    }

    [Fact]
    public void Every_option_of_CUDA_has_the_runtimes_name_and_value()
    {
        var options = new CudaOptions
        {
            MemoryLimitBytes = 1L << 33,
            ArenaExtension = ArenaExtension.SameAsRequested,
            ConvolutionSearch = ConvolutionSearch.Heuristic,
            ConvolutionMaxWorkspace = false,
            TensorFloat32 = false,
            PreferNhwc = true,
            FuseConvolutionBias = true,
            CopyInDefaultStream = true,
            UnifiedStream = true,
        };
        Assert.Equal(
            [
                ("arena_extend_strategy", "kSameAsRequested"),
                ("cudnn_conv_algo_search", "HEURISTIC"),
                ("cudnn_conv_use_max_workspace", "0"),
                ("device_id", "1"),
                ("do_copy_in_default_stream", "1"),
                ("enable_cuda_graph", "1"),
                ("fuse_conv_bias", "1"),
                ("gpu_mem_limit", "8589934592"),
                ("prefer_nhwc", "1"),
                ("use_ep_level_unified_stream", "1"),
                ("use_tf32", "0"),
            ],
            Of(options.ToProviderOptions(1, isGraph: true)));
        Assert.Equal("kNextPowerOfTwo", new CudaOptions { ArenaExtension = ArenaExtension.NextPowerOfTwo }.ToProviderOptions(0, false)["arena_extend_strategy"]);
    }

    [Fact]
    public void Every_option_of_TensorRT_has_the_runtimes_name_and_value()
    {
        var options = new TensorRtOptions
        {
            Fp16 = true,
            Bf16 = false,
            Int8 = true,
            Int8CalibrationTable = "table.cache",
            Int8NativeCalibrationTable = true,
            WorkspaceBytes = 1 << 30,
            MinSubgraphSize = 2,
            MaxPartitionIterations = 9,
            BuilderOptimizationLevel = 5,
            AuxiliaryStreams = -1,
            Sparsity = true,
            SharesContextMemory = true,
            LayerNormFp32 = true,
            BuildsSequentially = true,
            EngineCache = true,
            TimingCache = true,
            CacheFolder = "/engines",
            CachePrefix = "fraud",
            ProfileMinShapes = "x:1x4",
            ProfileOptShapes = "x:8x4",
            ProfileMaxShapes = "x:64x4",
        };
        Assert.Empty(options.Faults());
        Assert.Equal(
            [
                ("device_id", "0"),
                ("trt_auxiliary_streams", "-1"),
                ("trt_bf16_enable", "0"),
                ("trt_builder_optimization_level", "5"),
                ("trt_context_memory_sharing_enable", "1"),
                ("trt_cuda_graph_enable", "1"),
                ("trt_engine_cache_enable", "1"),
                ("trt_engine_cache_path", "/engines"),
                ("trt_engine_cache_prefix", "fraud"),
                ("trt_force_sequential_engine_build", "1"),
                ("trt_fp16_enable", "1"),
                ("trt_int8_calibration_table_name", "table.cache"),
                ("trt_int8_enable", "1"),
                ("trt_int8_use_native_calibration_table", "1"),
                ("trt_layer_norm_fp32_fallback", "1"),
                ("trt_max_partition_iterations", "9"),
                ("trt_max_workspace_size", "1073741824"),
                ("trt_min_subgraph_size", "2"),
                ("trt_profile_max_shapes", "x:64x4"),
                ("trt_profile_min_shapes", "x:1x4"),
                ("trt_profile_opt_shapes", "x:8x4"),
                ("trt_sparsity_enable", "1"),
                ("trt_timing_cache_enable", "1"),
                ("trt_timing_cache_path", "/engines"),
            ],
            Of(options.ToProviderOptions(0, isGraph: true, Signature("n", 4))));
    }

    [Fact]
    public void A_profile_by_rows_is_made_where_nothing_else_is_free()
    {
        var options = new TensorRtOptions { ProfileRows = (8, 32) };
        var made = options.ToProviderOptions(0, isGraph: false, Signature("n", 3, 224, 224));
        Assert.Equal(("in:1x3x224x224", "in:8x3x224x224", "in:32x3x224x224"), (made["trt_profile_min_shapes"], made["trt_profile_opt_shapes"], made["trt_profile_max_shapes"]));

        // A fixed tensor beside has its shape from the graph.
        var two = OnnxModelFile.Inspect(Graphs.Model(Graphs.Node("Add", ["a", "b"], ["out"])).In("a", DataType.Float, "n", 4).In("b", DataType.Float, 4).Out("out", DataType.Float, "n", 4).Bytes()).File!.Signature;
        Assert.Equal("a:32x4", options.ToProviderOptions(0, isGraph: false, two)["trt_profile_max_shapes"]);
        Assert.DoesNotContain("trt_profile_max_shapes", options.ToProviderOptions(0, isGraph: false, Signature("n", "m")));
        Assert.DoesNotContain("trt_profile_max_shapes", options.ToProviderOptions(0, isGraph: false, Signature(4, 2)));
        Assert.Equal("y:1", (options with { ProfileMinShapes = "y:1", ProfileOptShapes = "y:1", ProfileMaxShapes = "y:1" }).ToProviderOptions(0, isGraph: false, two)["trt_profile_max_shapes"]);
    }

    public static TheoryData<TensorRtOptions, string> Wrong() => new()
    {
        { new TensorRtOptions { WorkspaceBytes = 5 }, "WorkspaceBytes is 5" },
        { new TensorRtOptions { MinSubgraphSize = 0 }, "MinSubgraphSize is 0" },
        { new TensorRtOptions { BuilderOptimizationLevel = 6 }, "BuilderOptimizationLevel is 6" },
        { new TensorRtOptions { AuxiliaryStreams = -2 }, "AuxiliaryStreams is -2" },
        { new TensorRtOptions { EngineCache = true }, "need CacheFolder" },
        { new TensorRtOptions { Int8 = true, CacheFolder = "/c", Int8CalibrationTable = "../x" }, "Int8CalibrationTable is '../x'" },
        { new TensorRtOptions { CacheFolder = "/c", Int8CalibrationTable = "x" }, "without Int8" },
        { new TensorRtOptions { ProfileMaxShapes = "x:1" }, "belong together" },
        { new TensorRtOptions { ProfileRows = (8, 4) }, "ProfileRows is (8, 4)" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void A_wrong_option_is_named_with_its_value(TensorRtOptions options, string expected) =>
        Assert.Contains(expected, Assert.Single(options.Faults()), StringComparison.Ordinal);

    [Fact]
    public void A_memory_limit_below_a_mebibyte_is_refused() =>
        Assert.Equal("MemoryLimitBytes is 1000; write at least 1048576 bytes, or leave it out for no limit.", Assert.Single(new CudaOptions { MemoryLimitBytes = 1000 }.Faults()));

    private static (string Key, string Value)[] Of(Dictionary<string, string> options) => [.. options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => (o.Key, o.Value))];
}
