namespace OrleansMl.Learning;

/// <summary>How a trial stands.</summary>
public enum TrialState : byte
{
    /// <summary>Scored, and not decided yet whether it goes on.</summary>
    Open,

    /// <summary>Scored with the whole resource.</summary>
    Completed,

    /// <summary>Given up with less than the whole resource.</summary>
    Pruned,

    /// <summary>Nothing could be learned so.</summary>
    Failed,
}
