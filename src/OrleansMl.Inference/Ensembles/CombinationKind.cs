namespace OrleansMl.Inference;

/// <summary>How several tensors become one.</summary>
public enum CombinationKind
{
    /// <summary>The mean of floating-point numbers, by weight.</summary>
    Average,

    /// <summary>The label with the most votes, by weight; of equally many the one that stands first among the inputs.</summary>
    Vote,
}
