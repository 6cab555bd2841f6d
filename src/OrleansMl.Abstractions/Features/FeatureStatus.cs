namespace OrleansMl;

/// <summary>State of a feature's value at the time of reading.</summary>
public enum FeatureStatus : byte
{
    /// <summary>There is a value within its time to live.</summary>
    Present = 1,

    /// <summary>Nothing has been seen (in the window).</summary>
    Missing = 2,

    /// <summary>What has been seen is older than the view's time to live.</summary>
    Expired = 3,
}
