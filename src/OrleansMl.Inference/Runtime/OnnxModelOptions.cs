using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>How a model is loaded.</summary>
public sealed record OnnxModelOptions
{
    private static readonly ImmutableSortedDictionary<string, string> s_noEntries = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public static OnnxModelOptions Default { get; } = new();

    /// <summary>
    /// Threads of the session's own that share one operator, ≥ 1, or 0 for one per core. Null, the default: those that all
    /// sessions of the process share, one per core, so that a single large request has all cores and many small ones do not
    /// hinder each other.
    /// </summary>
    public int? IntraOpThreads { get; init; }

    /// <summary>Threads that run branches of the graph at once where <see cref="ParallelBranches"/> is on, ≥ 1, or 0 for one per core.</summary>
    public int InterOpThreads { get; init; } = 1;

    /// <summary>Branches of the graph may run at once: for graphs with many, and machines with cores to spare.</summary>
    public bool ParallelBranches { get; init; }

    /// <summary>Threads of the session's own burn time while they wait. Off: cores are shared with other models.</summary>
    public bool SpinningThreads { get; init; }

    /// <summary>How far the runtime rewrites the graph before it runs.</summary>
    public GraphOptimization GraphOptimization { get; init; } = GraphOptimization.All;

    /// <summary>Keep freed memory for the next run. Faster on large activations, and never shrinks while loaded.</summary>
    public bool MemoryArena { get; init; } = true;

    /// <summary>Take the memory of a run in one piece where its shapes came before.</summary>
    public bool MemoryPattern { get; init; } = true;

    /// <summary>Give memory that a run has freed back at its end: for models that are large once in a while.</summary>
    public bool ShrinksArena { get; init; }

    /// <summary>Entries of the runtime's session configuration, such as <c>session.use_device_allocator_for_initializers</c>.</summary>
    public ImmutableSortedDictionary<string, string> SessionEntries { get; init; } = s_noEntries;

    /// <summary><c>cpu</c>; <c>cuda:N</c> or <c>tensorrt:N</c> with the number of the GPU.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>What to do when the device cannot be had.</summary>
    public DeviceFallback Fallback { get; init; } = DeviceFallback.Refuse;

    /// <summary>Of a session on a GPU, TensorRT's included.</summary>
    public CudaOptions Cuda { get; init; } = CudaOptions.Default;

    /// <summary>Of a session by TensorRT.</summary>
    public TensorRtOptions TensorRt { get; init; } = TensorRtOptions.Default;

    /// <summary>How tensors get to a GPU and back.</summary>
    public GpuBinding Binding { get; init; } = GpuBinding.Default;

    /// <summary>
    /// Batch sizes whose first run on a GPU is captured as a CUDA graph, and each later one replayed: one launch instead of one
    /// for each operator. Runs of such a session go one after the other. Empty: none.
    /// </summary>
    public ImmutableArray<int> CudaGraphRows { get; init; } = [];

    /// <summary>Largest file taken, in bytes.</summary>
    public long MaxBytes { get; init; } = OnnxModelFile.DefaultMaxBytes;
}
