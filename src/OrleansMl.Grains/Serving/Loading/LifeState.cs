namespace OrleansMl.Serving;

/// <summary>Where a version is in its life, in one silo.</summary>
public enum LifeState
{
    /// <summary>It waits for a loader, or for the next attempt.</summary>
    Queued,

    /// <summary>Its files are read and its sessions opened.</summary>
    Loading,

    /// <summary>Made-up rows run through it.</summary>
    Warming,

    /// <summary>It answers.</summary>
    Available,

    /// <summary>It takes no new request; those on it finish.</summary>
    Draining,

    /// <summary>It is out of memory, and a request for it loads it again.</summary>
    Unloaded,

    /// <summary>It could not be loaded.</summary>
    Failed,
}
