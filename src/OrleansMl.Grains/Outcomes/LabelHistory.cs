using OrleansMl.Storage;

namespace OrleansMl.Outcomes;

/// <summary>The labels that came for a prediction, in their order.</summary>
/// <param name="Labels">Empty: none yet; a default that a window gave is none.</param>
/// <param name="IsStored">They have rows; else the only one stands in the prediction's own.</param>
internal sealed record LabelHistory(IReadOnlyList<LabelStatement> Labels, bool IsStored)
{
    /// <summary>More are refused: each is read to decide on the next.</summary>
    public const int Limit = 1000;

    public static LabelHistory None { get; } = new([], true);

    /// <summary>The one that stands; null: there is none.</summary>
    public LabelStatement? Stands => Labels.FirstOrDefault(l => l.Verdict == LabelVerdict.Stands);

    /// <summary>Reads the history of a prediction.</summary>
    public static async ValueTask<LabelHistory> OfAsync(IPredictionLog predictions, PredictionRecord prediction, CancellationToken cancellationToken = default)
    {
        if (prediction is not { OutcomeId: { } id, Label: { } label })
            return None;
        var stored = await predictions.ListLabelsAsync(prediction.EntityKey, prediction.PredictionId, cancellationToken);
        return stored.Count > 0 ? new LabelHistory(stored, true) : new LabelHistory([Only(prediction, id, label)], false);
    }

    /// <summary>A first label of which the prediction's row says all: no row of its own is written for it.</summary>
    public static bool IsSaidByRow(LabelStatement first, int revision) => first is { Sequence: 0, Reason: null } && first.Revision == revision;

    private static LabelStatement Only(PredictionRecord prediction, string outcomeId, double label) => new()
    {
        Sequence = 0,
        OutcomeId = outcomeId,
        Value = label,
        Source = prediction.OutcomeSource ?? "",
        Time = prediction.OutcomeTime ?? prediction.Time,

        // A store of before kept no histories: the revision there counted corrections.
        Revision = prediction.State == PredictionState.Labelled ? prediction.OutcomeRevision : 0,
        Received = prediction.LabelledAt ?? prediction.Created,
        Verdict = LabelVerdict.Stands,
    };
}
