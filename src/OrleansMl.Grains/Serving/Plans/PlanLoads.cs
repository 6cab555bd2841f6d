namespace OrleansMl.Serving;

/// <summary>What both policies share: which version a plan loads next, and what makes room for it.</summary>
internal static class PlanLoads
{
    /// <summary>
    /// A load, or what makes room for one; null: nothing is left to load. What serves comes first. A plan evicts only what
    /// ranks below the version that it loads: versions of one plan do not push each other out in turn.
    /// </summary>
    public static VersionAction? Next(VersionSnapshot snapshot)
    {
        var next = snapshot.Versions
            .Where(v => v.Demand == VersionDemand.Wanted && v.State is null)
            .OrderByDescending(v => v.Rank).ThenBy(v => v.Id.Version).FirstOrDefault();
        if (next is null)
            return null;
        var room = MemoryRoom.For(next, snapshot.Versions, snapshot.BudgetBytes, next.Rank);
        if (room.Fits)
            return new VersionAction.Load(next.Id);
        return room.Victim is { } victim ? new VersionAction.Unload(victim) : new VersionAction.LeaveCold(next.Id, room.Reason!);
    }

    /// <summary>A version in memory that the plan does not name; null: none.</summary>
    public static VersionFacts? OldOne(VersionSnapshot snapshot) =>
        snapshot.Versions.FirstOrDefault(v => v.Demand == VersionDemand.Unwanted && v.State is not (null or LifeState.Draining));
}
