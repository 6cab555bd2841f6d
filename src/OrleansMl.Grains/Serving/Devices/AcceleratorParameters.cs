using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>
/// Parameters of <c>optimization.execution_accelerators</c> as Triton's ONNX Runtime backend names them, into the providers'
/// options. What names a path or a library of the server's machine is the silo's to decide, not a model's.
/// </summary>
internal static class AcceleratorParameters
{
    public static CudaOptions Cuda(ParameterReader reader) => new()
    {
        MemoryLimitBytes = reader.Number("gpu_mem_limit", 1 << 20, long.MaxValue),
        ArenaExtension = reader.Choice("arena_extend_strategy", ("kNextPowerOfTwo", ArenaExtension.NextPowerOfTwo), ("kSameAsRequested", ArenaExtension.SameAsRequested), ("0", ArenaExtension.NextPowerOfTwo), ("1", ArenaExtension.SameAsRequested)),
        ConvolutionSearch = reader.Choice(
            "cudnn_conv_algo_search",
            ("EXHAUSTIVE", ConvolutionSearch.Exhaustive),
            ("HEURISTIC", ConvolutionSearch.Heuristic),
            ("DEFAULT", ConvolutionSearch.Default),
            ("0", ConvolutionSearch.Exhaustive),
            ("1", ConvolutionSearch.Heuristic),
            ("2", ConvolutionSearch.Default)),
        ConvolutionMaxWorkspace = reader.Truth("cudnn_conv_use_max_workspace"),
        TensorFloat32 = reader.Truth("use_tf32"),
        PreferNhwc = reader.Truth("prefer_nhwc"),
        FuseConvolutionBias = reader.Truth("fuse_conv_bias"),
        CopyInDefaultStream = reader.Truth("do_copy_in_default_stream"),
        UnifiedStream = reader.Truth("use_ep_level_unified_stream"),
    };

    /// <param name="reader">Of the accelerator's parameters.</param>
    /// <param name="model">Name, for the names of what is cached.</param>
    /// <param name="devices">The silo's: the folder of caches.</param>
    public static TensorRtOptions TensorRt(ParameterReader reader, string model, DeviceOptions devices)
    {
        var precision = reader.Choice("precision_mode", ("FP32", Precision.Fp32), ("FP16", Precision.Fp16), ("BF16", Precision.Bf16), ("INT8", Precision.Int8));
        var options = new TensorRtOptions
        {
            Fp16 = On(precision, Precision.Fp16),
            Bf16 = On(precision, Precision.Bf16),
            Int8 = On(precision, Precision.Int8),
            Int8CalibrationTable = reader.Text("int8_calibration_table_name"),
            Int8NativeCalibrationTable = reader.Truth("int8_use_native_calibration_table"),
            WorkspaceBytes = reader.Number("max_workspace_size_bytes", 1 << 20, long.MaxValue),
            MinSubgraphSize = (int?)reader.Number("trt_min_subgraph_size", 1, int.MaxValue),
            MaxPartitionIterations = (int?)reader.Number("trt_max_partition_iterations", 1, int.MaxValue),
            BuilderOptimizationLevel = (int?)reader.Number("trt_builder_optimization_level", 0, 5),
            AuxiliaryStreams = (int?)reader.Number("trt_auxiliary_streams", -1, int.MaxValue),
            Sparsity = reader.Truth("trt_sparsity_enable"),
            SharesContextMemory = reader.Truth("trt_context_memory_sharing_enable"),
            LayerNormFp32 = reader.Truth("trt_layer_norm_fp32_fallback"),
            BuildsSequentially = reader.Truth("trt_force_sequential_engine_build"),
            EngineCache = reader.Truth("trt_engine_cache_enable"),
            TimingCache = reader.Truth("trt_timing_cache_enable"),
            ProfileMinShapes = reader.Text("trt_profile_min_shapes"),
            ProfileOptShapes = reader.Text("trt_profile_opt_shapes"),
            ProfileMaxShapes = reader.Text("trt_profile_max_shapes"),
        };
        var needsFolder = options.EngineCache == true || options.TimingCache == true || options.Int8CalibrationTable is not null;
        if (needsFolder && devices.EngineCacheFolder is null)
            reader.Fault("trt_engine_cache_enable", reader.Text("trt_engine_cache_enable") ?? "", "it, trt_timing_cache_enable and int8_calibration_table_name only for a server with Serving:Devices:EngineCacheFolder, which has none");
        return needsFolder ? options with { CacheFolder = devices.EngineCacheFolder, CachePrefix = options.EngineCache == true ? model : null } : options;
    }

    private static bool? On(Precision? stated, Precision asked) => stated == asked ? true : null;

    private enum Precision
    {
        Fp32,
        Fp16,
        Bf16,
        Int8,
    }
}
