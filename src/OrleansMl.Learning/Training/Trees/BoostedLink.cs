namespace OrleansMl.Learning;

/// <summary>From the sums of trees to the answer.</summary>
public enum BoostedLink : byte
{
    /// <summary>The sum is the value.</summary>
    Identity,

    /// <summary>e to the sum is the value.</summary>
    Exponential,

    /// <summary>The sum is the log odds of class 1 of two.</summary>
    Logistic,

    /// <summary>One sum for each class.</summary>
    Softmax,
}
