using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansMl;

/// <summary>
/// The online learner of one model (key: the model): its state, its prequential evidence, its candidates. It learns from the
/// stream of that key in <see cref="OmlStreams.Examples"/>. Its calls take turns among themselves; a delivery waits for none.
/// </summary>
[Alias("oml.ITrainerGrain")]
public interface ITrainerGrain : IGrainWithStringKey
{
    /// <summary>
    /// Learns the examples of the model's stream that it has not learned yet, in order, from the log that holds them. Examples
    /// come by the stream by themselves; this is for what a crash, a pause or a failure has left there. Answers when there is
    /// none left that can be learned now, or after a while; the receipt says which.
    /// </summary>
    [AlwaysInterleave, Alias("CatchUp")]
    Task<TrainerReceipt> CatchUpAsync();

    /// <summary>
    /// Mean of the labels so far; null before the first. Answers beside a turn that learns or exports: predictions wait for it.
    /// </summary>
    [ReadOnly, AlwaysInterleave, Alias("GetPrior")]
    Task<double?> GetPriorAsync();

    /// <summary>Of more than two classes: a probability for each by how often it came; empty before the first label, and of other targets.</summary>
    [ReadOnly, AlwaysInterleave, Alias("GetClassPrior")]
    Task<ImmutableArray<double>> GetClassPriorAsync();

    [AlwaysInterleave, Alias("Get")]
    Task<OmlResult<LearnerStatus>> GetAsync();

    [AlwaysInterleave, Alias("Pause")]
    Task<OmlResult<LearnerStatus>> PauseAsync();

    [AlwaysInterleave, Alias("Resume")]
    Task<OmlResult<LearnerStatus>> ResumeAsync();

    /// <summary>The learner forgets and bootstraps anew; versions stay, and the champion serves on.</summary>
    [AlwaysInterleave, Alias("Reset")]
    Task<OmlResult<LearnerStatus>> ResetAsync();

    /// <summary>Exports and registers the learner as it stands.</summary>
    [AlwaysInterleave, Alias("Snapshot")]
    Task<OmlResult<LearnerStatus>> SnapshotAsync();

    /// <summary>
    /// Answers as soon as a copy of the live learner that stands where <paramref name="asked"/> says is not up to date, else after
    /// some seconds. No follower holds up the learner: one that is too far behind is told to read the whole state.
    /// </summary>
    [ReadOnly, AlwaysInterleave, Alias("WaitForLive")]
    Task<LiveUpdates> WaitForLiveAsync(LiveQuery asked, CancellationToken cancellationToken);

    /// <summary>A part of the whole state that <see cref="WaitForLiveAsync"/> named.</summary>
    /// <param name="position">The position that was answered.</param>
    /// <param name="offset">First byte, from 0.</param>
    [ReadOnly, AlwaysInterleave, Alias("ReadLiveState")]
    Task<LiveStatePart> ReadLiveStateAsync(LivePosition position, long offset);
}

/// <summary>How far a trainer has come.</summary>
/// <param name="Applied">Sequence up to which examples count in memory.</param>
/// <param name="Durable">Sequence up to which they count in the stored state: what lies at or below it need not be kept for it.</param>
/// <param name="IsBehind">There is more that can be learned now.</param>
[GenerateSerializer, Immutable, Alias("oml.TrainerReceipt")]
public readonly record struct TrainerReceipt([property: Id(0)] long Applied, [property: Id(1)] long Durable, [property: Id(2)] bool IsBehind);

/// <summary>A learner as callers see it.</summary>
[GenerateSerializer, Immutable, Alias("oml.LearnerStatus")]
public sealed record LearnerStatus
{
    [Id(0)] public required string Model { get; init; }

    /// <summary>bootstrapping | learning | paused | failed.</summary>
    [Id(1)] public required string State { get; init; }

    /// <summary>Why it failed; of a live learner that goes on, why it was last put back to its base; else null.</summary>
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

    /// <summary>Of the examples, those whose vector was computed anew when the label came (<c>vector: at_label</c>).</summary>
    [Id(11)] public long Recomputed { get; init; }

    /// <summary>Why the learner, better over all rows, is not promoted: a slice that is worse, a rollout under way. Else null.</summary>
    [Id(20)] public string? Held { get; init; }
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
