using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansMl;

/// <summary>The online learner of one model (key: the model): its state, its prequential evidence, its candidates.</summary>
[Alias("oml.ITrainerGrain")]
public interface ITrainerGrain : IGrainWithStringKey
{
    /// <summary>
    /// Learns a batch of labelled examples in the order of their offsets. Offsets at or below what was learned before are
    /// passed over: at-least-once delivery counts once. A batch that begins after a gap is not learned; the receipt says
    /// where to go on.
    /// </summary>
    /// <param name="afterOffset">Offset of the item before the first one of the batch; 0: there is none.</param>
    /// <param name="examples">Ascending by offset.</param>
    [Alias("Learn")]
    Task<TrainerReceipt> LearnAsync(long afterOffset, ImmutableArray<LabeledExample> examples);

    /// <summary>
    /// Mean of the labels so far; null before the first. Answers beside a turn that learns or exports: predictions wait for it.
    /// </summary>
    [ReadOnly, AlwaysInterleave, Alias("GetPrior")]
    Task<double?> GetPriorAsync();

    [Alias("Get")]
    Task<OmlResult<LearnerStatus>> GetAsync();

    [Alias("Pause")]
    Task<OmlResult<LearnerStatus>> PauseAsync();

    [Alias("Resume")]
    Task<OmlResult<LearnerStatus>> ResumeAsync();

    /// <summary>The learner forgets and bootstraps anew; versions stay, and the champion serves on.</summary>
    [Alias("Reset")]
    Task<OmlResult<LearnerStatus>> ResetAsync();

    /// <summary>Exports and registers the learner as it stands.</summary>
    [Alias("Snapshot")]
    Task<OmlResult<LearnerStatus>> SnapshotAsync();
}

/// <summary>A vector as served, with its truth.</summary>
[GenerateSerializer, Immutable, Alias("oml.LabeledExample")]
public sealed record LabeledExample
{
    /// <summary>Position in the model's outbox, rising.</summary>
    [Id(0)] public required long Offset { get; init; }

    [Id(1)] public required string PredictionId { get; init; }

    /// <summary>Columns as served, in the order of <see cref="Columns"/>.</summary>
    [Id(2)] public required ImmutableArray<Scalar> Values { get; init; }

    /// <summary>Names of the columns.</summary>
    [Id(3)] public required ImmutableArray<string> Columns { get; init; }

    /// <summary>1 or 0 for a binary target, the number for a regression target.</summary>
    [Id(4)] public required double Label { get; init; }

    /// <summary>The score that was served; null when it was the prior.</summary>
    [Id(5)] public double? ServedScore { get; init; }

    /// <summary>The version that served it; null when it was the prior.</summary>
    [Id(6)] public int? ServedVersion { get; init; }

    /// <summary>When it was predicted, on the application's clock.</summary>
    [Id(7)] public DateTime Time { get; init; }

    /// <summary>Set when an earlier label of the same prediction was learned already.</summary>
    [Id(8)] public bool Correction { get; init; }

    /// <summary>Lineage of the learner it is for.</summary>
    [Id(9)] public int Lineage { get; init; }
}

/// <summary>How far a trainer has come.</summary>
/// <param name="Applied">Offset up to which examples count in memory.</param>
/// <param name="Durable">Offset up to which they count in the stored state: what lies at or below it may be removed from the outbox.</param>
[GenerateSerializer, Immutable, Alias("oml.TrainerReceipt")]
public readonly record struct TrainerReceipt([property: Id(0)] long Applied, [property: Id(1)] long Durable);

/// <summary>A learner as callers see it.</summary>
[GenerateSerializer, Immutable, Alias("oml.LearnerStatus")]
public sealed record LearnerStatus
{
    [Id(0)] public required string Model { get; init; }

    /// <summary>bootstrapping | learning | paused | failed.</summary>
    [Id(1)] public required string State { get; init; }

    /// <summary>Why it failed or paused; else null.</summary>
    [Id(2)] public string? Reason { get; init; }

    [Id(3)] public long Examples { get; init; }

    [Id(4)] public ImmutableArray<LossReading> Losses { get; init; } = [];

    [Id(5)] public int? CandidateVersion { get; init; }

    [Id(6)] public int? ChampionVersion { get; init; }

    /// <summary>Rises with every update of the learner.</summary>
    [Id(7)] public long Revision { get; init; }

    /// <summary>The running comparison with the champion; null before there is one.</summary>
    [Id(8)] public PromotionEvidence? Evidence { get; init; }

    [Id(9)] public int Lineage { get; init; }

    /// <summary>Mean of the labels so far: what answers before there is a version; null: none seen.</summary>
    [Id(10)] public double? Prior { get; init; }
}

/// <summary>
/// Prequential figures of one predictor: every example is predicted before it is learned.
/// </summary>
/// <param name="Predictor">learner | served | noChange | prior.</param>
/// <param name="Metric">log_loss, accuracy, squared_error, absolute_error.</param>
/// <param name="Cumulative">Over all examples since bootstrap.</param>
/// <param name="Windowed">Over the last 1,000.</param>
/// <param name="Fading">Exponentially faded, factor 0.999.</param>
/// <param name="N">Examples behind the cumulative figure.</param>
[GenerateSerializer, Immutable, Alias("oml.LossReading")]
public sealed record LossReading(
    [property: Id(0)] string Predictor,
    [property: Id(1)] string Metric,
    [property: Id(2)] double Cumulative,
    [property: Id(3)] double Windowed,
    [property: Id(4)] double Fading,
    [property: Id(5)] long N);
