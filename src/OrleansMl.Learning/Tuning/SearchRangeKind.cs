namespace OrleansMl.Learning;

/// <summary>How a parameter is drawn.</summary>
public enum SearchRangeKind : byte
{
    /// <summary>A number, all alike.</summary>
    Uniform,

    /// <summary>A number, all orders of magnitude alike.</summary>
    LogUniform,

    /// <summary>A whole number, all alike.</summary>
    Integer,

    /// <summary>One of some values, all alike.</summary>
    Choice,
}
