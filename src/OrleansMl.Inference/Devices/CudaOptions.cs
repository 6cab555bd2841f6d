using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Inference;

/// <summary>
/// Options of the CUDA provider. What is null is left to the runtime, so that a session of which nothing is stated is the
/// one that plain ONNX Runtime opens. Source: ONNX Runtime's documentation of the CUDA execution provider, 1.31.
/// </summary>
public sealed record CudaOptions
{
    public static CudaOptions Default { get; } = new();

    /// <summary>
    /// Most bytes of the GPU's memory that the session's arena takes, ≥ 1 MiB; the runtime's default is no limit. cuDNN and
    /// cuBLAS take some beside it.
    /// </summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>The runtime's default is <see cref="ArenaExtension.NextPowerOfTwo"/>.</summary>
    public ArenaExtension? ArenaExtension { get; init; }

    /// <summary>The runtime's default is <see cref="ConvolutionSearch.Exhaustive"/>.</summary>
    public ConvolutionSearch? ConvolutionSearch { get; init; }

    /// <summary>cuDNN may use as much memory as its fastest algorithm asks for; on by default.</summary>
    public bool? ConvolutionMaxWorkspace { get; init; }

    /// <summary>Products of FP32 matrices by TensorFloat-32, to about three digits; on by default. Off: as exact as on the CPU.</summary>
    public bool? TensorFloat32 { get; init; }

    /// <summary>Convolutions with the channels last; off by default.</summary>
    public bool? PreferNhwc { get; init; }

    /// <summary>Fuses a convolution with its bias, which takes longer to build; off by default.</summary>
    public bool? FuseConvolutionBias { get; init; }

    /// <summary>Copies go on the stream that computes; on by default. Off can race in some models.</summary>
    public bool? CopyInDefaultStream { get; init; }

    /// <summary>One stream for all runs of the session; off by default.</summary>
    public bool? UnifiedStream { get; init; }

    /// <summary>What is wrong, each with the option, its value and the remedy; empty: nothing.</summary>
    public ImmutableArray<string> Faults() =>
        MemoryLimitBytes is < 1 << 20
            ? [string.Create(CultureInfo.InvariantCulture, $"MemoryLimitBytes is {MemoryLimitBytes}; write at least 1048576 bytes, or leave it out for no limit.")]
            : [];

    /// <summary>As the runtime takes them.</summary>
    /// <param name="gpu">Number of the GPU.</param>
    /// <param name="isGraph">Runs are captured as CUDA graphs.</param>
    internal Dictionary<string, string> ToProviderOptions(int gpu, bool isGraph) => new ProviderOptions()
        .Add("device_id", gpu)
        .Add("gpu_mem_limit", MemoryLimitBytes)
        .Add("arena_extend_strategy", ArenaExtension switch { null => null, Inference.ArenaExtension.NextPowerOfTwo => "kNextPowerOfTwo", _ => "kSameAsRequested" })
        .Add("cudnn_conv_algo_search", ConvolutionSearch?.ToString().ToUpperInvariant())
        .Add("cudnn_conv_use_max_workspace", ConvolutionMaxWorkspace)
        .Add("use_tf32", TensorFloat32)
        .Add("prefer_nhwc", PreferNhwc)
        .Add("fuse_conv_bias", FuseConvolutionBias)
        .Add("do_copy_in_default_stream", CopyInDefaultStream)
        .Add("use_ep_level_unified_stream", UnifiedStream)
        .Add("enable_cuda_graph", isGraph ? true : null)
        .Values;
}
