namespace OrleansMl;

/// <summary>Names of providers and keyed services, in one place.</summary>
public static class OmlNames
{
    /// <summary>Grain storage of all grains here.</summary>
    public const string Storage = "oml";

    /// <summary>
    /// Key of the domain's <see cref="TimeProvider"/>. Orleans takes the container's unkeyed one, and a fake there would
    /// freeze membership and timeouts.
    /// </summary>
    public const string Clock = "oml.clock";
}
