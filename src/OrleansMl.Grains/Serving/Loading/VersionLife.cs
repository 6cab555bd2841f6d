using System.Collections.Immutable;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>Where a version stands in this silo.</summary>
/// <param name="Id">Which one.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why, where there is something to say; else null.</param>
/// <param name="Since">Since when, on the wall clock.</param>
/// <param name="Bytes">Memory that it takes, by estimate; 0: none.</param>
public sealed record VersionLife(ModelVersionId Id, LifeState State, string? Reason, DateTime Since, long Bytes)
{
    /// <summary>It failed for a reason that may pass, and is worth another attempt.</summary>
    public bool MayPass { get; init; }

    /// <summary>Memory of GPUs that its sessions take, by number and by estimate; empty: none.</summary>
    public ImmutableSortedDictionary<int, long> GpuBytes { get; init; } = ImmutableSortedDictionary<int, long>.Empty;

    /// <summary>Where its sessions run; empty: none does.</summary>
    public ImmutableArray<SessionPlace> Places { get; init; } = [];
}
