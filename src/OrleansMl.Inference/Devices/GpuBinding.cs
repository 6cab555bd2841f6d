namespace OrleansMl.Inference;

/// <summary>
/// How tensors get to a GPU and back. Bound: they lie in buffers of the GPU that are kept between runs, so that a run allocates
/// nothing there, and a copy goes by memory that the GPU reads itself. Not bound: the runtime copies, as it does by itself.
/// </summary>
public sealed record GpuBinding
{
    public static GpuBinding Default { get; } = new();

    /// <summary>Models whose shapes are known but for the rows are bound in runs of inputs up to 1 MiB; CUDA graphs are always.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>Bound inputs go by page-locked memory.</summary>
    public bool PinnedInputs { get; init; } = true;

    /// <summary>Bound outputs come by page-locked memory.</summary>
    public bool PinnedOutputs { get; init; } = true;
}
