using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Inference;

/// <summary>
/// Options of the TensorRT provider. What is null is left to the runtime. Building an engine takes from seconds to minutes;
/// with <see cref="CacheFolder"/> it is built once for a model, a GPU and a version of TensorRT. Source: ONNX Runtime's
/// documentation of the TensorRT execution provider, 1.31.
/// </summary>
public sealed record TensorRtOptions
{
    public static TensorRtOptions Default { get; } = new();

    /// <summary>Layers may compute in FP16.</summary>
    public bool? Fp16 { get; init; }

    /// <summary>Layers may compute in BF16.</summary>
    public bool? Bf16 { get; init; }

    /// <summary>Layers may compute in INT8: by the graph's own quantization, or by <see cref="Int8CalibrationTable"/>.</summary>
    public bool? Int8 { get; init; }

    /// <summary>Name of the file in <see cref="CacheFolder"/> with the ranges of a graph that is not quantized.</summary>
    public string? Int8CalibrationTable { get; init; }

    /// <summary>That file was made by TensorRT; else by ONNX Runtime.</summary>
    public bool? Int8NativeCalibrationTable { get; init; }

    /// <summary>Most bytes of scratch memory, ≥ 1 MiB.</summary>
    public long? WorkspaceBytes { get; init; }

    /// <summary>Nodes of the smallest part of the graph that is given to TensorRT, ≥ 1.</summary>
    public int? MinSubgraphSize { get; init; }

    /// <summary>How often the graph is divided anew, ≥ 1.</summary>
    public int? MaxPartitionIterations { get; init; }

    /// <summary>From 0 (built fast) to 5 (runs fast).</summary>
    public int? BuilderOptimizationLevel { get; init; }

    /// <summary>Streams beside the main one, ≥ −1; −1: TensorRT chooses.</summary>
    public int? AuxiliaryStreams { get; init; }

    /// <summary>Weights with two of four values 0 may be used as such.</summary>
    public bool? Sparsity { get; init; }

    /// <summary>The parts of the graph share the memory of their contexts.</summary>
    public bool? SharesContextMemory { get; init; }

    /// <summary>Layer normalization stays in FP32 where <see cref="Fp16"/> is on.</summary>
    public bool? LayerNormFp32 { get; init; }

    /// <summary>Engines are built one after the other, where several GPUs are used.</summary>
    public bool? BuildsSequentially { get; init; }

    /// <summary>Keep engines in <see cref="CacheFolder"/>.</summary>
    public bool? EngineCache { get; init; }

    /// <summary>Keep the times of layers in <see cref="CacheFolder"/>, for engines built later.</summary>
    public bool? TimingCache { get; init; }

    /// <summary>Full path of the folder of caches; null: none.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>What the names of a model's cached engines begin with.</summary>
    public string? CachePrefix { get; init; }

    /// <summary>Smallest shapes that an engine takes, <c>input:1x3x224x224,…</c>. All three, or none: see <see cref="ProfileRows"/>.</summary>
    public string? ProfileMinShapes { get; init; }

    /// <summary>Shapes that an engine is tuned for.</summary>
    public string? ProfileOptShapes { get; init; }

    /// <summary>Largest shapes that an engine takes.</summary>
    public string? ProfileMaxShapes { get; init; }

    /// <summary>
    /// Rows that an engine is tuned for, and the most that it takes: the profile is made of them where no shapes are stated and
    /// nothing but the first dimension is free. Without a profile an engine is built anew for each larger shape that comes.
    /// </summary>
    public (int Tuned, int Most)? ProfileRows { get; init; }

    /// <summary>What is wrong, each with the option, its value and the remedy; empty: nothing.</summary>
    public ImmutableArray<string> Faults()
    {
        var faults = ImmutableArray.CreateBuilder<string>();
        if (WorkspaceBytes is < 1 << 20)
            faults.Add(Text($"WorkspaceBytes is {WorkspaceBytes}; write at least 1048576 bytes, or leave it out."));
        AtLeast(nameof(MinSubgraphSize), MinSubgraphSize, 1);
        AtLeast(nameof(MaxPartitionIterations), MaxPartitionIterations, 1);
        AtLeast(nameof(AuxiliaryStreams), AuxiliaryStreams, -1);
        if (BuilderOptimizationLevel is < 0 or > 5)
            faults.Add(Text($"BuilderOptimizationLevel is {BuilderOptimizationLevel}; write 0 (built fast) to 5 (runs fast)."));
        if ((EngineCache == true || TimingCache == true || Int8CalibrationTable is not null) && CacheFolder is null)
            faults.Add("EngineCache, TimingCache and Int8CalibrationTable need CacheFolder; name a folder.");
        if (Int8CalibrationTable is { } table && (table.Length == 0 || Path.GetFileName(table) != table))
            faults.Add($"Int8CalibrationTable is '{table}'; write the name of a file in CacheFolder.");
        if (Int8CalibrationTable is not null && Int8 != true)
            faults.Add("Int8CalibrationTable is stated without Int8; turn Int8 on, or leave the table out.");
        if ((ProfileMinShapes is null) != (ProfileOptShapes is null) || (ProfileMinShapes is null) != (ProfileMaxShapes is null))
            faults.Add("ProfileMinShapes, ProfileOptShapes and ProfileMaxShapes belong together; state all three, or none.");
        if (ProfileRows is { } rows && (rows.Tuned < 1 || rows.Most < rows.Tuned))
            faults.Add(Text($"ProfileRows is ({rows.Tuned}, {rows.Most}); write rows ≥ 1, the most not below those that it is tuned for."));
        return faults.ToImmutable();

        void AtLeast(string option, int? value, int least)
        {
            if (value < least)
                faults.Add(Text($"{option} is {value}; write {least} or more, or leave it out."));
        }
    }

    /// <summary>As the runtime takes them.</summary>
    /// <param name="gpu">Number of the GPU.</param>
    /// <param name="isGraph">Runs are captured as CUDA graphs.</param>
    /// <param name="signature">Of the model: shapes of a profile by rows are made from it.</param>
    internal Dictionary<string, string> ToProviderOptions(int gpu, bool isGraph, ModelSignature signature)
    {
        var (min, opt, max) = (ProfileMinShapes, ProfileOptShapes, ProfileMaxShapes);
        if (min is null && ProfileRows is { } rows && HasOnlyFreeRows(signature))
            (min, opt, max) = (Shapes(signature, 1), Shapes(signature, rows.Tuned), Shapes(signature, rows.Most));
        return new ProviderOptions()
            .Add("device_id", gpu)
            .Add("trt_fp16_enable", Fp16)
            .Add("trt_bf16_enable", Bf16)
            .Add("trt_int8_enable", Int8)
            .Add("trt_int8_calibration_table_name", Int8CalibrationTable)
            .Add("trt_int8_use_native_calibration_table", Int8NativeCalibrationTable)
            .Add("trt_max_workspace_size", WorkspaceBytes)
            .Add("trt_min_subgraph_size", MinSubgraphSize)
            .Add("trt_max_partition_iterations", MaxPartitionIterations)
            .Add("trt_builder_optimization_level", BuilderOptimizationLevel)
            .Add("trt_auxiliary_streams", AuxiliaryStreams)
            .Add("trt_sparsity_enable", Sparsity)
            .Add("trt_context_memory_sharing_enable", SharesContextMemory)
            .Add("trt_layer_norm_fp32_fallback", LayerNormFp32)
            .Add("trt_force_sequential_engine_build", BuildsSequentially)
            .Add("trt_engine_cache_enable", EngineCache)
            .Add("trt_engine_cache_path", CacheFolder)
            .Add("trt_engine_cache_prefix", CachePrefix)
            .Add("trt_timing_cache_enable", TimingCache)
            .Add("trt_timing_cache_path", TimingCache == true ? CacheFolder : null)
            .Add("trt_profile_min_shapes", min)
            .Add("trt_profile_opt_shapes", opt)
            .Add("trt_profile_max_shapes", max)
            .Add("trt_cuda_graph_enable", isGraph ? true : null)
            .Values;
    }

    private static bool HasOnlyFreeRows(ModelSignature signature) =>
        signature.Inputs.Any(i => i.Shape is [-1, ..]) && signature.Inputs.All(i => i.HasShape && (i.Shape.IsEmpty || i.Shape.AsSpan()[1..].IndexOfAnyInRange(long.MinValue, -1) < 0));

    private static string Shapes(ModelSignature signature, int rows) => string.Join(',', signature.Inputs
        .Where(i => i.Shape is [-1, ..])
        .Select(i => $"{i.Name}:{string.Join('x', i.Shape.Select(d => d < 0 ? rows : d))}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
