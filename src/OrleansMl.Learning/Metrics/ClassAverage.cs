namespace OrleansMl.Learning;

/// <summary>How a figure of each class becomes one figure.</summary>
public enum ClassAverage
{
    /// <summary>The mean over the classes that occur, each counting the same.</summary>
    Macro,

    /// <summary>Weighted by the rows that are truly of the class.</summary>
    Weighted,
}
