namespace OrleansMl.Live;

/// <summary>A copy of a live learner with what its answers stand on. Replaced as a whole; the copy goes on in it.</summary>
internal sealed record LiveView(LiveCopy Copy, LiveBase Base)
{
    /// <summary>
    /// The version that a live answer goes by under a plan; null: the answer is the champion's. That is so where another version
    /// is champion, by hand or by rollback, and while versions share the traffic.
    /// </summary>
    public int? VersionUnder(ServingPlan plan)
    {
        if (plan.Traffic is { Split.IsEmpty: false })
            return null;

        // This silo has not heard yet of the plan that made the base champion.
        if (plan.Revision < Base.PlanRevision)
            return Base.Version;
        return plan.Default == Base.Version || (Base.Coming is not null && plan.Default == Base.Coming) ? plan.Default : null;
    }
}
