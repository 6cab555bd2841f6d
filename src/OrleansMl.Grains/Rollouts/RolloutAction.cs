namespace OrleansMl.Rollouts;

/// <summary>What a rollout does next.</summary>
internal abstract record RolloutAction
{
    private RolloutAction()
    {
    }

    /// <summary>The candidate gets a copy of each call.</summary>
    public sealed record Shadow : RolloutAction;

    /// <summary>The candidate answers a share of the calls.</summary>
    /// <param name="Weight">The share, in (0, 1).</param>
    public sealed record Step(double Weight) : RolloutAction;

    /// <summary>The candidate becomes champion.</summary>
    public sealed record Full : RolloutAction;

    /// <summary>Everything stays as it is.</summary>
    /// <param name="Reason">What it waits for.</param>
    public sealed record Hold(string Reason) : RolloutAction;

    /// <summary>The champion takes all calls again.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Rollback(string Reason) : RolloutAction;
}
