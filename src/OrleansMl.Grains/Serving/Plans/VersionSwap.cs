namespace OrleansMl.Serving;

/// <summary>In which order new versions come and old ones go.</summary>
public enum VersionSwap
{
    /// <summary>Load the new ones, send requests to them, then unload the old: no request waits; both are in memory for a while.</summary>
    AvailabilityPreserving,

    /// <summary>Unload the old ones, then load the new: never both in memory; requests wait for the load.</summary>
    ResourcePreserving,
}
