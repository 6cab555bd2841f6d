namespace OrleansMl.Serving;

/// <summary>The next thing to do for a plan.</summary>
public abstract record VersionAction
{
    private VersionAction()
    {
    }

    /// <summary>Begin to load a version; the next action follows at once.</summary>
    public sealed record Load(ModelVersionId Id) : VersionAction;

    /// <summary>Take a version out of memory; the next action follows at once.</summary>
    public sealed record Unload(ModelVersionId Id) : VersionAction;

    /// <summary>Do not load a version now; a request for it will.</summary>
    public sealed record LeaveCold(ModelVersionId Id, string Reason) : VersionAction;

    /// <summary>Let requests go by the plan.</summary>
    public sealed record Swap : VersionAction;

    /// <summary>Ask again when a load or a drain that is under way has ended.</summary>
    public sealed record Wait : VersionAction;

    /// <summary>The plan is carried out.</summary>
    public sealed record Done : VersionAction;
}
