using System.Collections.Immutable;

namespace OrleansMl.Serving;

/// <summary>What there is when a plan is carried out.</summary>
/// <param name="Versions">All versions that this silo knows of, and those that the plan names.</param>
/// <param name="IsSwapped">Requests go by the plan already.</param>
/// <param name="BudgetBytes">Memory that versions may take together; null: no limit.</param>
public sealed record VersionSnapshot(ImmutableArray<VersionFacts> Versions, bool IsSwapped, long? BudgetBytes)
{
    /// <summary>Memory taken or promised.</summary>
    public long UsedBytes => Versions.Where(v => v.TakesMemory).Sum(v => v.Bytes);
}
