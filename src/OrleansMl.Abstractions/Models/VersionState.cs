namespace OrleansMl;

/// <summary>The life of a deployed version.</summary>
public enum VersionState : byte
{
    Registered = 0,
    Loading = 1,
    Warming = 2,
    Available = 3,
    Draining = 4,
    Unloaded = 5,
    Failed = 6,
}
