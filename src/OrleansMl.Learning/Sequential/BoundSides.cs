namespace OrleansMl.Learning;

/// <summary>On which sides a confidence sequence bounds the mean.</summary>
public enum BoundSides : byte
{
    /// <summary>Both bounds hold together with probability 1 − α.</summary>
    Two,

    /// <summary>Each bound alone holds with probability 1 − α; for "is it better?", only the lower one is asked.</summary>
    One,
}
