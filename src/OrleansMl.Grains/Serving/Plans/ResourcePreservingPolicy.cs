namespace OrleansMl.Serving;

/// <summary>
/// Unloads what is old, then loads what is new: both are never in memory together. Requests go by the new plan at once and
/// wait for the load.
/// </summary>
public sealed class ResourcePreservingPolicy : IVersionPolicy
{
    public VersionAction Next(VersionSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (!snapshot.IsSwapped)
            return new VersionAction.Swap();
        if (PlanLoads.OldOne(snapshot) is { } old)
            return new VersionAction.Unload(old.Id);
        if (snapshot.Versions.Any(v => v.Demand == VersionDemand.Unwanted && v.State == LifeState.Draining))
            return new VersionAction.Wait();
        if (PlanLoads.Next(snapshot) is { } load)
            return load;
        return snapshot.Versions.Any(v => v.Demand == VersionDemand.Wanted && v.IsComing) ? new VersionAction.Wait() : new VersionAction.Done();
    }
}
