namespace OrleansMl;

/// <summary>Where a rollout stands.</summary>
public enum RolloutState : byte
{
    /// <summary>Under way.</summary>
    Running = 0,

    /// <summary>Under way, at its stage until it is resumed; guardrails still end it.</summary>
    Paused = 1,

    /// <summary>The candidate is champion.</summary>
    Promoted = 2,

    /// <summary>It went back by itself.</summary>
    RolledBack = 3,

    /// <summary>Somebody ended it, or a rollback did.</summary>
    Aborted = 4,

    /// <summary>Somebody changed the traffic or the champion by hand.</summary>
    Superseded = 5,
}
