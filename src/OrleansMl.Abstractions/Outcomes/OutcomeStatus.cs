namespace OrleansMl;

/// <summary>What became of an outcome.</summary>
public enum OutcomeStatus : byte
{
    /// <summary>It labelled at least one prediction within its window.</summary>
    Joined = 1,

    /// <summary>It came before its prediction and waits for it until the window is over.</summary>
    Early = 2,

    /// <summary>It came after the window had closed; it corrects the label where one had been given.</summary>
    Late = 3,

    /// <summary>No prediction belongs to it.</summary>
    Orphan = 4,

    /// <summary>Nothing was predicted, and the target learns from what happens by itself.</summary>
    Organic = 5,

    /// <summary>It replaced the label of a prediction.</summary>
    Corrected = 6,

    /// <summary>The same outcome was recorded before.</summary>
    Duplicate = 7,

    /// <summary>It is invalid; the fault says why.</summary>
    Rejected = 8,

    /// <summary>It is kept with the prediction, and the label of another source stands.</summary>
    Kept = 9,
}
