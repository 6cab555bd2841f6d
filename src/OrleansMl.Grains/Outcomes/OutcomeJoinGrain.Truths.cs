using OrleansMl.Features;
using OrleansMl.Storage;

namespace OrleansMl.Outcomes;

/// <content>The truths that stand, as records of the entity's log.</content>
internal sealed partial class OutcomeJoinGrain
{
    /// <summary>
    /// Stores an outcome: the join in the prediction log, the truth in the entity's. A crash between the two is mended by
    /// the caller's repeat, since nothing was acknowledged.
    /// </summary>
    /// <param name="entry">The outcome.</param>
    /// <param name="status">What became of it.</param>
    /// <param name="changes">Predictions that it speaks about.</param>
    /// <param name="alone">It is a truth under its own id, whatever it changes.</param>
    private async Task<OutcomeResult> StoreAsync(OutcomeEntry entry, OutcomeStatus status, IReadOnlyList<Labelling> changes, bool alone)
    {
        entry = entry with { Status = (byte)status, PredictionId = changes.Count > 0 ? changes[0].Prediction.PredictionId : null };
        var truths = changes.Where(c => !c.IsKept).Select(c => Truth(c.Change.OutcomeId!, entry.Target, c.Change.Revision, c.Change.OutcomeTime!.Value, c.Change.Label!.Value)).ToList();
        if (alone)
            truths.Add(Truth(entry.OutcomeId, entry.Target, entry.Revision, entry.Time, entry.Value));

        // One truth may have labelled several predictions: it is one record, at its highest revision.
        EntityRecord[] records = [.. truths.GroupBy(t => t.Id, StringComparer.Ordinal).Select(g => g.MaxBy(t => t.Revision)!)];
        var appended = records.Length == 0 ? Task.FromResult<OmlError?>(null) : AppendTruthsAsync(records);
        await Task.WhenAll(CommitAsync([entry], [.. changes.Select(c => c.Change)]), appended);
        return await appended is { } error
            ? NotInLog(entry.OutcomeId, error)
            : new OutcomeResult(status, [.. changes.Select(c => c.Prediction.PredictionId)], null);
    }

    /// <summary>A repeat may follow a crash between the two writes of an outcome: the log passes over what it has.</summary>
    private async Task<OmlError?> RestateTruthAsync(OutcomeEntry known)
    {
        if (known.PredictionId is { } id && await predictions.FindAsync(id) is { OutcomeId: { } truthId, Label: { } label, OutcomeTime: { } time } prediction)
            return await AppendTruthsAsync([Truth(truthId, prediction.Target, prediction.OutcomeRevision, time, label)]);
        return (OutcomeStatus)known.Status == OutcomeStatus.Kept ? null : await AppendTruthsAsync([Truth(known.OutcomeId, known.Target, known.Revision, known.Time, known.Value)]);
    }

    /// <summary>Puts truths into the entity's log; the error when the log could not be written now.</summary>
    private async Task<OmlError?> AppendTruthsAsync(EntityRecord[] truths)
    {
        var appended = await GrainFactory.GetGrain<IFeatureCacheGrain>(Key).AppendAsync([.. truths]);
        if (!appended.TryGet(out var result, out var error))
            return error;
        for (var i = 0; i < truths.Length; i++)
        {
            if (result.Items[i] is { Status: AppendStatus.Rejected, Fault: { } fault })
                LogTruthRejected(logger, truths[i].Id, Key, fault.Detail);
        }

        return null;
    }

    private static EntityRecord Truth(string outcomeId, string target, int revision, DateTime time, double label) =>
        new(outcomeId, EntityRecordKind.Outcome, target, time, [new NamedValue("value", Scalar.Of(label))]) { Revision = revision };

    private static OutcomeResult NotInLog(string outcomeId, OmlError error) =>
        Rejected(error.Code, $"Outcome '{outcomeId}' did not reach the entity's log: {error.Detail}");
}
