using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Predictions;
using OrleansMl.Rollouts;
using OrleansMl.Storage;
using OrleansMl.Streams;

namespace OrleansMl.Outcomes;

/// <content>From what came for a prediction to the change of its label, with the example that its learner gets.</content>
internal sealed partial class OutcomeJoinGrain
{
    /// <summary>A prediction, what its label becomes, and whether that is another one than before.</summary>
    private sealed record Labelling(PredictionRecord Prediction, OutcomeChange Change, bool IsKept);

    private OutcomeChange Change(PredictionRecord prediction) => new()
    {
        PredictionId = prediction.PredictionId,
        ExpectedState = prediction.State,
        ExpectedRevision = prediction.OutcomeRevision,
        State = prediction.State,
        LabelledAt = clock.GetUtcNow().UtcDateTime,
    };

    /// <summary>The label that a window gives when it closes: nobody said it.</summary>
    private async Task<OutcomeChange> DefaultAsync(PredictionRecord prediction, CompiledModel model, double label) => Change(prediction) with
    {
        State = PredictionState.Defaulted,
        Label = label,
        Source = LabelSources.Default,
        OutcomeTime = prediction.WindowEnd,
        Example = await ExampleAsync(prediction, model, label, 0, isCorrection: false),
        Rollout = RolloutRecord(prediction, label, 0),
    };

    /// <summary>The label that came before its prediction; of several the one that stands.</summary>
    private async Task<OutcomeChange> LabelEarlyAsync(PredictionRecord prediction, CompiledModel model, List<OutcomeEntry> early)
    {
        LabelStatement[] said =
        [
            .. early.OrderBy(e => e.Created).ThenBy(e => e.OutcomeId, StringComparer.Ordinal).Select((e, i) => new LabelStatement
            {
                Sequence = i,
                OutcomeId = e.OutcomeId,
                Value = e.Value,
                Source = e.Source,
                Time = e.Time,
                Revision = e.Revision,
                Received = e.Created,
                Verdict = LabelVerdict.Kept,
            }),
        ];
        var stands = LabelPolicy.Decide(model.Target!, said);
        return (await LabelAsync(prediction, model, LabelHistory.None, said, stands.OutcomeId, stands.Revision, PredictionState.Labelled)).Change;
    }

    /// <summary>What one more outcome is for a prediction: its place, its time and its rank among those that came.</summary>
    private static LabelStatement Statement(OutcomeRecord outcome, PredictionRecord prediction, LabelHistory history, double label, string source, DateTime now) => new()
    {
        Sequence = history.Labels.Count == 0 ? 0 : history.Labels[^1].Sequence + 1,
        OutcomeId = outcome.Id,
        Value = label,
        Source = source,

        // A correction that names no time keeps that of the truth it replaces, its own source's before that of another.
        Time = outcome.Time ?? history.Labels.LastOrDefault(l => l.Source == source)?.Time ?? (history.Labels.Count > 0 ? prediction.OutcomeTime : null) ?? prediction.Time,
        Revision = outcome.Revision,
        Received = now,
        Verdict = LabelVerdict.Kept,
        Reason = outcome.Reason,
    };

    /// <summary>The change that labels come to, decided with all that came before.</summary>
    /// <param name="prediction">As it is stored.</param>
    /// <param name="model">Its model.</param>
    /// <param name="history">What came before.</param>
    /// <param name="said">What comes now.</param>
    /// <param name="truthId">Under which the truth stands in the entity's log, unless it stands under another already.</param>
    /// <param name="revision">Of the truth, where it changes.</param>
    /// <param name="state">State of the prediction, where its label changes.</param>
    private async Task<Labelling> LabelAsync(PredictionRecord prediction, CompiledModel model, LabelHistory history, IReadOnlyList<LabelStatement> said, string truthId, int revision, PredictionState state)
    {
        var decision = LabelDecision.Of(model.Target!, history, said);
        if (decision.IsKept)
        {
            // The revision rises all the same: who decides next must have seen this word.
            return new Labelling(prediction, Change(prediction) with
            {
                Label = prediction.Label,
                OutcomeId = prediction.OutcomeId,
                Source = prediction.OutcomeSource,
                Revision = prediction.OutcomeRevision + 1,
                OutcomeTime = prediction.OutcomeTime,
                LabelledAt = prediction.LabelledAt ?? prediction.Created,
                Labels = decision.Written,
            }, true);
        }

        var stands = decision.Stands;
        return new Labelling(prediction, Change(prediction) with
        {
            State = state,
            Label = stands.Value,
            OutcomeId = prediction.OutcomeId ?? truthId,
            Source = stands.Source,
            Revision = revision,
            OutcomeTime = stands.Time,
            Labels = history.Labels.Count == 0 && said.Count == 1 && LabelHistory.IsSaidByRow(stands, revision) ? [] : decision.Written,
            Example = await ExampleAsync(prediction, model, stands.Value, revision, isCorrection: state == PredictionState.Corrected),
            Rollout = RolloutRecord(prediction, stands.Value, revision),
        }, false);
    }

    /// <summary>
    /// What the learner gets of a label. One that only confirms the one before teaches nothing new. A prediction of a later lineage is
    /// of a reset that this silo has not heard of: its example counts.
    /// </summary>
    private async ValueTask<StreamAppend?> ExampleAsync(PredictionRecord prediction, CompiledModel model, double label, int revision, bool isCorrection)
    {
        if (model.Definition.Learner is null || prediction.Lineage < model.Lineage || prediction.Label == label)
            return null;
        var isRecomputed = model.Target!.VectorAtLabel;
        var learned = isRecomputed ? await vectors.AtLabelAsync(model, prediction) : prediction;
        return new StreamAppend(OmlStreams.Examples, prediction.Model, StreamRecordCodec.Encode(ExampleCodec.ToRecord(learned, label, revision, isCorrection, isRecomputed)));
    }

    /// <summary>What a rollout of the model is judged on, where one is under way.</summary>
    private StreamAppend? RolloutRecord(PredictionRecord prediction, double label, int revision) =>
        plans.TryGet(prediction.Model, out var view) ? RolloutOutcomes.TryRecord(view.Plan, prediction, label, revision) : null;
}
