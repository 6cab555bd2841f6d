namespace OrleansMl.Serving;

/// <summary>What a plan says of a version.</summary>
public enum VersionDemand
{
    /// <summary>The plan is not about it: it belongs to another model.</summary>
    Kept,

    /// <summary>The plan names it.</summary>
    Wanted,

    /// <summary>It is of the plan's model, and the plan does not name it.</summary>
    Unwanted,
}
