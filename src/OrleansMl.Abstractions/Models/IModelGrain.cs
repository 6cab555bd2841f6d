using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansMl;

/// <summary>
/// A model (key: its name): versions, aliases, traffic, the append-only promotion log. Publishes one immutable
/// <see cref="ServingPlan"/>; what a call without a version means is resolved into it, never at request time.
/// </summary>
[Alias("oml.IModelGrain")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Registers a version; bytes and manifest equal to a known version's give that version back.</summary>
    [Alias("Register")]
    Task<OmlResult<RegisterResult>> RegisterAsync(RegisterRequest request);

    [ReadOnly, AlwaysInterleave, Alias("Get")]
    Task<OmlResult<ModelInfo>> GetAsync();

    [ReadOnly, AlwaysInterleave, Alias("GetVersion")]
    Task<OmlResult<ModelVersionInfo>> GetVersionAsync(int version);

    /// <summary>Removes a version that no alias names and no traffic reaches.</summary>
    [Alias("DeleteVersion")]
    Task<OmlResult<ModelVersionInfo>> DeleteVersionAsync(int version);

    /// <summary>Marks a version wanted (true) or not wanted (false) in serving.</summary>
    [Alias("SetWanted")]
    Task<OmlResult<ModelVersionInfo>> SetWantedAsync(int version, bool wanted);

    /// <summary>Replaces the model's configuration (JSON; null: none is stated); answers with the plan's revision.</summary>
    [Alias("Configure")]
    Task<long> ConfigureAsync(string? configuration);

    /// <summary>
    /// Compare-and-swap of an alias; <paramref name="change"/>.Version null removes it. The caller has seen to it that the
    /// version loads.
    /// </summary>
    [Alias("SetAlias")]
    Task<OmlResult<AliasResult>> SetAliasAsync(AliasChange change);

    /// <summary>Compare-and-swap of the traffic by the plan's revision. The caller has seen to it that the versions load.</summary>
    [Alias("SetTraffic")]
    Task<OmlResult<TrafficResult>> SetTrafficAsync(TrafficChange change);

    /// <summary>Moves <c>champion</c> with its evidence into the promotion log.</summary>
    [Alias("Promote")]
    Task<OmlResult<Promotion>> PromoteAsync(PromotionRequest request);

    /// <summary>Moves <c>champion</c> back to the one before, in one call.</summary>
    [Alias("Rollback")]
    Task<OmlResult<Promotion>> RollbackAsync(string by, string? reason);

    [ReadOnly, AlwaysInterleave, Alias("GetPromotions")]
    Task<ImmutableArray<Promotion>> GetPromotionsAsync();

    [ReadOnly, AlwaysInterleave, Alias("GetPlan")]
    Task<ServingPlan> GetPlanAsync();

    /// <summary>Answers as soon as the plan's revision is above <paramref name="afterRevision"/>, else with what stands after some seconds.</summary>
    [ReadOnly, AlwaysInterleave, Alias("WaitForPlan")]
    Task<ServingPlan> WaitForPlanAsync(long afterRevision, CancellationToken cancellationToken);
}
