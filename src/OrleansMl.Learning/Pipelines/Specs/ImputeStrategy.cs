namespace OrleansMl.Learning;

/// <summary>What fills a missing value.</summary>
public enum ImputeStrategy : byte
{
    Mean,

    /// <summary>The middle value; of an even number of values the mean of the two in the middle.</summary>
    Median,

    /// <summary>The most frequent value; of several the smallest, texts by ordinal order.</summary>
    MostFrequent,

    Constant,
}
