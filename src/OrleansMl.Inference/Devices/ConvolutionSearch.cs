namespace OrleansMl.Inference;

/// <summary>How cuDNN's algorithm for a convolution is found, once for each shape of its inputs.</summary>
public enum ConvolutionSearch
{
    /// <summary>All are timed: the best afterwards, and the slowest first run of a shape.</summary>
    Exhaustive,

    /// <summary>By cuDNN's rules: a first run of a shape costs little more than others.</summary>
    Heuristic,

    /// <summary>One algorithm for all.</summary>
    Default,
}
