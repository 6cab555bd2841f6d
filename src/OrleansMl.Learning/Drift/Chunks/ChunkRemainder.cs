namespace OrleansMl.Learning;

/// <summary>What becomes of rows after the last full chunk.</summary>
public enum ChunkRemainder
{
    /// <summary>They wait for more.</summary>
    Drop,

    /// <summary>They are a shorter chunk of their own.</summary>
    Keep,

    /// <summary>The last full chunk takes them.</summary>
    Append,
}
