namespace OrleansMl.Inference;

/// <summary>How a model is loaded.</summary>
public sealed record OnnxModelOptions
{
    public static OnnxModelOptions Default { get; } = new();

    /// <summary>
    /// Threads that share one operator, ≥ 1, or 0 for one per core. Requests already run beside each other, so one
    /// thread each gives the most answers per second; more shorten a single large one.
    /// </summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>How far the runtime rewrites the graph before it runs.</summary>
    public GraphOptimization GraphOptimization { get; init; } = GraphOptimization.All;

    /// <summary><c>cpu</c>, or <c>cuda:N</c> with the number of the GPU.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>What to do when the device cannot be had.</summary>
    public DeviceFallback Fallback { get; init; } = DeviceFallback.Refuse;

    /// <summary>Threads of an operator burn time while they wait. Off: cores are shared with other models.</summary>
    public bool SpinningThreads { get; init; }

    /// <summary>Keep freed memory for the next run. Faster on large activations, and never shrinks while loaded.</summary>
    public bool MemoryArena { get; init; } = true;

    /// <summary>Largest file taken, in bytes.</summary>
    public long MaxBytes { get; init; } = OnnxModelFile.DefaultMaxBytes;
}
