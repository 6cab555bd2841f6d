namespace OrleansMl.Learning;

/// <summary>What a finding means for the training.</summary>
public enum FindingSeverity : byte
{
    /// <summary>To be looked at.</summary>
    Warning,

    /// <summary>Nothing should be trained on these rows.</summary>
    Error,
}
