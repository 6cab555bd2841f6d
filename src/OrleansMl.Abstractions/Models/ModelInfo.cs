using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>A model as callers see it.</summary>
[GenerateSerializer, Immutable, Alias("oml.ModelInfo")]
public sealed record ModelInfo(
    [property: Id(0)] string Name,
    [property: Id(1)] ImmutableSortedDictionary<string, int> Aliases,
    [property: Id(2)] long PlanRevision,
    [property: Id(3)] ImmutableArray<ModelVersionInfo> Versions)
{
    /// <summary>Null: all calls that name no version go to the champion.</summary>
    [Id(4)] public Traffic? Traffic { get; init; }

    /// <summary>The rollout that has set the traffic; null: none is under way.</summary>
    [Id(20)] public RolloutMark? Rollout { get; init; }
}

/// <summary>A version as callers see it.</summary>
/// <param name="Manifest">What it is made of.</param>
/// <param name="State">registered | loading | warming | available | draining | unloaded | failed.</param>
/// <param name="Reason">Why it failed; else null.</param>
/// <param name="Created">When it was registered.</param>
[GenerateSerializer, Immutable, Alias("oml.ModelVersionInfo")]
public sealed record ModelVersionInfo(
    [property: Id(0)] VersionManifest Manifest,
    [property: Id(1)] VersionState State,
    [property: Id(2)] string? Reason,
    [property: Id(3)] DateTime Created);

/// <summary>The life of a deployed version.</summary>
public enum VersionState : byte
{
    Registered = 0,
    Loading = 1,
    Warming = 2,
    Available = 3,
    Draining = 4,
    Unloaded = 5,
    Failed = 6,
}

/// <summary>A version to register; its artifacts lie in the artifact store already.</summary>
[GenerateSerializer, Immutable, Alias("oml.RegisterRequest")]
public sealed record RegisterRequest([property: Id(0)] VersionManifest Manifest)
{
    /// <summary>Of the trainer that registers it: one below the highest that the model has seen is refused. 0: no trainer does.</summary>
    [Id(1)] public long Epoch { get; init; }
}

/// <summary>Answer to a registration.</summary>
[GenerateSerializer, Immutable, Alias("oml.RegisterResult")]
public sealed record RegisterResult([property: Id(0)] ModelVersionInfo Version, [property: Id(1)] bool Created);

/// <summary>Move an alias.</summary>
/// <param name="Alias">Name of the alias.</param>
/// <param name="Version">The version it shall name; null: remove it.</param>
/// <param name="Expected">The version it names now; null: none.</param>
/// <param name="Reason">Why, for the log; null: not said.</param>
/// <param name="By">Who.</param>
[GenerateSerializer, Immutable, Alias("oml.AliasChange")]
public sealed record AliasChange(
    [property: Id(0)] string Alias,
    [property: Id(1)] int? Version,
    [property: Id(2)] int? Expected,
    [property: Id(3)] string? Reason,
    [property: Id(4)] string By);

/// <summary>An alias after a change.</summary>
[GenerateSerializer, Immutable, Alias("oml.AliasResult")]
public sealed record AliasResult(
    [property: Id(0)] string Alias,
    [property: Id(1)] int? Version,
    [property: Id(2)] int? Previous,
    [property: Id(3)] long PlanRevision);

/// <summary>Make a version champion.</summary>
[GenerateSerializer, Immutable, Alias("oml.PromotionRequest")]
public sealed record PromotionRequest(
    [property: Id(0)] int Candidate,
    [property: Id(1)] int? Expected,
    [property: Id(2)] bool Force,
    [property: Id(3)] string Reason,
    [property: Id(4)] string By,
    [property: Id(5)] PromotionEvidence? Evidence)
{
    /// <summary>A live learner's state after so many updates: it answers already, so no evidence is needed that it shall.</summary>
    [Id(10)] public bool IsSnapshot { get; init; }

    /// <summary>Of the trainer that asks for it: one below the highest that the model has seen is refused. 0: no trainer does.</summary>
    [Id(6)] public long Epoch { get; init; }

    /// <summary>The rollout that it ends; it must be the one under way. Null: none.</summary>
    [Id(7)] public int? Rollout { get; init; }
}

/// <summary>One entry of the promotion log; never changed once written.</summary>
/// <param name="Id">Counts from 1.</param>
/// <param name="From">Champion before; null: none.</param>
/// <param name="To">Champion after.</param>
/// <param name="At">When, on the wall clock.</param>
/// <param name="By">Who: a name, or <c>trainer</c>.</param>
/// <param name="Decision">promoted | snapshot | forced | bootstrap | alias | rollback.</param>
/// <param name="Reason">In words.</param>
/// <param name="Evidence">What it rests on; null when forced or at bootstrap.</param>
[GenerateSerializer, Immutable, Alias("oml.Promotion")]
public sealed record Promotion(
    [property: Id(0)] int Id,
    [property: Id(1)] int? From,
    [property: Id(2)] int To,
    [property: Id(3)] DateTime At,
    [property: Id(4)] string By,
    [property: Id(5)] string Decision,
    [property: Id(6)] string Reason,
    [property: Id(7)] PromotionEvidence? Evidence)
{
    /// <summary>The plan's revision that made it so.</summary>
    [Id(8)] public long PlanRevision { get; init; }

    /// <summary>The rollout that it ended; null: none.</summary>
    [Id(9)] public int? Rollout { get; init; }
}

/// <summary>What a promotion rests on: a paired comparison of losses on the same rows.</summary>
/// <param name="Test">Name of the test.</param>
/// <param name="Metric">Whose difference is estimated: champion's loss minus candidate's.</param>
/// <param name="N">Rows compared.</param>
/// <param name="Estimate">Mean difference; above 0 the candidate is better.</param>
/// <param name="Lower">Lower bound at the stated level, valid at every look.</param>
/// <param name="Upper">Upper bound.</param>
/// <param name="Alpha">The level.</param>
[GenerateSerializer, Immutable, Alias("oml.PromotionEvidence")]
public sealed record PromotionEvidence(
    [property: Id(0)] string Test,
    [property: Id(1)] string Metric,
    [property: Id(2)] long N,
    [property: Id(3)] double Estimate,
    [property: Id(4)] double Lower,
    [property: Id(5)] double Upper,
    [property: Id(6)] double Alpha)
{
    /// <summary>The same within each slice that is followed.</summary>
    [Id(7)] public ImmutableArray<SliceEvidence> Slices { get; init; } = [];

    /// <summary>What was measured beside the loss.</summary>
    [Id(8)] public ImmutableArray<GuardrailEvidence> Guardrails { get; init; } = [];

    /// <summary>Slices that were not followed, as there were too many.</summary>
    [Id(9)] public ImmutableArray<string> DroppedSlices { get; init; } = [];
}

/// <summary>A comparison of losses within one slice.</summary>
/// <param name="Slice">Its name: <c>segment=gold</c>, <c>price&lt;10</c>.</param>
/// <param name="N">Rows compared.</param>
/// <param name="Estimate">Mean difference; above 0 the candidate is better.</param>
/// <param name="Lower">Lower bound at the slice's share of the level.</param>
/// <param name="Upper">Upper bound.</param>
/// <param name="Verdict">better | worse | open.</param>
[GenerateSerializer, Immutable, Alias("oml.SliceEvidence")]
public sealed record SliceEvidence(
    [property: Id(0)] string Slice,
    [property: Id(1)] long N,
    [property: Id(2)] double Estimate,
    [property: Id(3)] double Lower,
    [property: Id(4)] double Upper,
    [property: Id(5)] string Verdict);

/// <summary>A figure beside the loss, with its limit.</summary>
/// <param name="Name">latency.p99 (milliseconds) | latency.ratio | errors | served.loss.</param>
/// <param name="N">Answers of the candidate behind it.</param>
/// <param name="Value">What was measured; null: nothing yet.</param>
/// <param name="Limit">What it may be.</param>
/// <param name="Verdict">kept | violated | open (too few answers).</param>
[GenerateSerializer, Immutable, Alias("oml.GuardrailEvidence")]
public sealed record GuardrailEvidence(
    [property: Id(0)] string Name,
    [property: Id(1)] long N,
    [property: Id(2)] double? Value,
    [property: Id(3)] double Limit,
    [property: Id(4)] string Verdict);
