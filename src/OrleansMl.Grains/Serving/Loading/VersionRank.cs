namespace OrleansMl.Serving;

/// <summary>Who goes first when memory runs short: a lower rank does.</summary>
public enum VersionRank
{
    Ordinary = 0,

    /// <summary>Calls that name no version reach it: it is the plan's default, its champion, or in its traffic.</summary>
    Reached = 1,

    /// <summary>It is never evicted: <see cref="ServingOptions.Pinned"/>.</summary>
    Pinned = 2,
}
