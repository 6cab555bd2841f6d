namespace OrleansMl.Inference;

/// <summary>How far the runtime rewrites a graph before it runs.</summary>
public enum GraphOptimization
{
    None,

    /// <summary>Constant folding, redundant nodes.</summary>
    Basic,

    /// <summary>Fused operators.</summary>
    Extended,

    /// <summary>Memory layouts too.</summary>
    All,
}
