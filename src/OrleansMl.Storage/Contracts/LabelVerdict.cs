namespace OrleansMl.Storage;

/// <summary>What became of a label that somebody gave to a prediction.</summary>
public enum LabelVerdict : byte
{
    /// <summary>It is the prediction's label.</summary>
    Stands = 1,

    /// <summary>It came, and another one stood.</summary>
    Kept = 2,

    /// <summary>It was the label, until another one took its place.</summary>
    Replaced = 3,
}
