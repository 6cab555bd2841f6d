namespace OrleansMl.Features;

/// <summary>State of a feature's value at the time of reading. It says nothing about the default.</summary>
public enum FeatureReadStatus : byte
{
    /// <summary>There is a value within its time to live.</summary>
    Present = 1,

    /// <summary>No record contributes: none ever did, or none in the window.</summary>
    Missing = 2,

    /// <summary>The newest record that contributed is older than the view's time to live.</summary>
    Expired = 3,
}
