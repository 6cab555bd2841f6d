using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>Ask a model about an entity.</summary>
[GenerateSerializer, Immutable, Alias("oml.PredictRequest")]
public sealed record PredictRequest
{
    [Id(0)] public required string Model { get; init; }

    /// <summary>Null only for a model that declares no entity.</summary>
    [Id(1)] public EntityId? Entity { get; init; }

    /// <summary>Inputs of the request, checked against the declaration by the service.</summary>
    [Id(2)] public ImmutableArray<NamedValue> Inputs { get; init; } = [];

    /// <summary>For a model with candidates: what to rank; empty: none.</summary>
    [Id(3)] public ImmutableArray<PredictCandidate> Candidates { get; init; } = [];

    [Id(4)] public int? Version { get; init; }

    [Id(5)] public string? Alias { get; init; }

    [Id(6)] public DateTime? EventTime { get; init; }

    /// <summary>A repeat gets the same answer; null: none.</summary>
    [Id(7)] public string? RequestId { get; init; }

    [Id(8)] public bool IncludeFeatures { get; init; }

    /// <summary>Explain the score; of a ranking, the first candidate's. It costs a run of the model for each column.</summary>
    [Id(9)] public bool IncludeExplanation { get; init; }
}

/// <summary>One thing to rank, with inputs of its own.</summary>
[GenerateSerializer, Immutable, Alias("oml.PredictCandidate")]
public sealed record PredictCandidate([property: Id(0)] EntityId Entity, [property: Id(1)] ImmutableArray<NamedValue> Inputs);

/// <summary>An answer: durable before it leaves, where the model has a target.</summary>
[GenerateSerializer, Immutable, Alias("oml.PredictResponse")]
public sealed record PredictResponse
{
    /// <summary>Ours, time-ordered; never the caller's.</summary>
    [Id(0)] public required string PredictionId { get; init; }

    [Id(1)] public required string Model { get; init; }

    /// <summary>Null when no version serves and the prior answered.</summary>
    [Id(2)] public int? Version { get; init; }

    /// <summary>Revision of a live learner; else null.</summary>
    [Id(3)] public long? Revision { get; init; }

    [Id(4)] public string? Label { get; init; }

    /// <summary>Probability of the positive class, or the number.</summary>
    [Id(5)] public double? Score { get; init; }

    /// <summary>Probability of each class, or the model's outputs by name.</summary>
    [Id(6)] public ImmutableArray<NamedValue> Values { get; init; } = [];

    [Id(7)] public ImmutableArray<RankedCandidate> Ranked { get; init; } = [];

    /// <summary>The probability of this slate in this order, the product over its places; null: it was not drawn.</summary>
    [Id(8)] public double? Propensity { get; init; }

    /// <summary>"prior" when the prior answered; else null.</summary>
    [Id(9)] public string? Fallback { get; init; }

    /// <summary>The entity's log sequence that the features include.</summary>
    [Id(10)] public long Sequence { get; init; }

    /// <summary>Filled when the request asked for them.</summary>
    [Id(11)] public ImmutableArray<FeatureValue> Features { get; init; } = [];

    /// <summary>Filled when the request asked for it and a version answered.</summary>
    [Id(12)] public Explanation? Explanation { get; init; }
}

/// <summary>A candidate with its place.</summary>
/// <param name="Entity">Which one.</param>
/// <param name="Score">After post-processing. Where places are drawn, they need not follow it.</param>
/// <param name="Rank">Its place, from 1.</param>
/// <param name="Propensity">
/// The probability that it got this place, given those before it; of the first place, plainly that of coming first. Null: the
/// places were not drawn.
/// </param>
[GenerateSerializer, Immutable, Alias("oml.RankedCandidate")]
public sealed record RankedCandidate(
    [property: Id(0)] EntityId Entity,
    [property: Id(1)] double Score,
    [property: Id(2)] int Rank,
    [property: Id(3)] double? Propensity);
