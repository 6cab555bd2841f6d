using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>
/// Joins what was predicted for one entity with what came true: predicted → labelled, or defaulted when the window
/// closes → corrected → closed. The single writer of those states.
/// </summary>
[Alias("oml.IOutcomeJoinGrain")]
public interface IOutcomeJoinGrain : IGrainWithStringKey
{
    /// <summary>Records outcomes in order; one result for each, at the same index.</summary>
    [Alias("Record")]
    Task<OmlResult<ImmutableArray<OutcomeResult>>> RecordAsync(ImmutableArray<OutcomeRecord> outcomes);

    /// <summary>Joins the outcomes that came before their prediction, once the prediction is logged.</summary>
    [Alias("JoinPending")]
    Task JoinPendingAsync(string predictionId);

    /// <summary>Closes the windows that ended at or before <paramref name="now"/> (event or wall time, as the application's clock says).</summary>
    [Alias("CloseDue")]
    Task<int> CloseDueAsync(DateTime now);
}

/// <summary>A truth, by prediction id or by entity and target.</summary>
/// <param name="Id">Idempotency: unique per entity.</param>
/// <param name="PredictionId">The prediction it belongs to; null: every open prediction of the target whose window holds <paramref name="Time"/>.</param>
/// <param name="Target">Name of the target; null with a prediction id.</param>
/// <param name="Subject">The candidate it is about, for models with candidates; else null.</param>
/// <param name="Time">When it came true; null: the prediction's time, else now.</param>
/// <param name="Value">Class label, truth value or number, as the target's type demands.</param>
/// <param name="Source">Who says so; null: <c>api</c>.</param>
/// <param name="Revision">Higher replaces lower for the same prediction; 0: not given.</param>
[GenerateSerializer, Immutable, Alias("oml.OutcomeRecord")]
public sealed record OutcomeRecord(
    [property: Id(0)] string Id,
    [property: Id(1)] string? PredictionId,
    [property: Id(2)] string? Target,
    [property: Id(3)] string? Subject,
    [property: Id(4)] DateTime? Time,
    [property: Id(5)] Scalar Value,
    [property: Id(6)] string? Source,
    [property: Id(7)] int Revision)
{
    /// <summary>Why, in the words of whoever says so; kept with the prediction.</summary>
    [Id(8)] public string? Reason { get; init; }
}

/// <summary>What became of an outcome.</summary>
public enum OutcomeStatus : byte
{
    /// <summary>It labelled at least one prediction within its window.</summary>
    Joined = 1,

    /// <summary>It came before its prediction and waits for it until the window is over.</summary>
    Early = 2,

    /// <summary>It came after the window had closed; it corrects the label where one had been given.</summary>
    Late = 3,

    /// <summary>No prediction belongs to it.</summary>
    Orphan = 4,

    /// <summary>Nothing was predicted, and the target learns from what happens by itself.</summary>
    Organic = 5,

    /// <summary>It replaced the label of a prediction.</summary>
    Corrected = 6,

    /// <summary>The same outcome was recorded before.</summary>
    Duplicate = 7,

    /// <summary>It is invalid; the fault says why.</summary>
    Rejected = 8,

    /// <summary>It is kept with the prediction, and the label of another source stands.</summary>
    Kept = 9,
}

/// <summary>What became of one outcome of a batch.</summary>
[GenerateSerializer, Immutable, Alias("oml.OutcomeResult")]
public readonly record struct OutcomeResult(
    [property: Id(0)] OutcomeStatus Status,
    [property: Id(1)] ImmutableArray<string> PredictionIds,
    [property: Id(2)] OmlFault? Fault);
