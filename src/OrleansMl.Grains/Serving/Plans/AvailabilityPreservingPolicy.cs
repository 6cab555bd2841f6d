namespace OrleansMl.Serving;

/// <summary>Loads what is new, lets requests go to it, then unloads what is old: a request never waits for a swap.</summary>
public sealed class AvailabilityPreservingPolicy : IVersionPolicy
{
    public VersionAction Next(VersionSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (PlanLoads.Next(snapshot) is { } load)
            return load;
        if (snapshot.Versions.Any(v => v.Demand == VersionDemand.Wanted && v.IsComing))
            return new VersionAction.Wait();
        if (!snapshot.IsSwapped)
            return new VersionAction.Swap();
        return PlanLoads.OldOne(snapshot) is { } old ? new VersionAction.Unload(old.Id) : new VersionAction.Done();
    }
}
