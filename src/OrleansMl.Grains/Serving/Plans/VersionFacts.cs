namespace OrleansMl.Serving;

/// <summary>What a policy knows of a version.</summary>
/// <param name="Id">Which one.</param>
/// <param name="State">Where it stands; null: it was never loaded here, or the plan gives it another chance.</param>
/// <param name="Demand">What the plan at hand says of it.</param>
/// <param name="Rank">Who goes first when memory runs short.</param>
/// <param name="Bytes">Memory that it takes, or would take, by estimate.</param>
/// <param name="LastUsed">When a request last took it, or it was loaded; any clock that rises.</param>
public sealed record VersionFacts(ModelVersionId Id, LifeState? State, VersionDemand Demand, VersionRank Rank, long Bytes, long LastUsed = 0)
{
    /// <summary>It is on its way to being available.</summary>
    public bool IsComing => State is LifeState.Queued or LifeState.Loading or LifeState.Warming;

    /// <summary>It takes memory, or has been promised some.</summary>
    public bool TakesMemory => State is LifeState.Available or LifeState.Draining || IsComing;
}
