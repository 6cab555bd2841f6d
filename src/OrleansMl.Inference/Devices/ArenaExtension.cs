namespace OrleansMl.Inference;

/// <summary>By how much the arena of a GPU's memory grows when it is full.</summary>
public enum ArenaExtension
{
    /// <summary>By the next power of two: fewer allocations.</summary>
    NextPowerOfTwo,

    /// <summary>By what was asked for: less memory.</summary>
    SameAsRequested,
}
