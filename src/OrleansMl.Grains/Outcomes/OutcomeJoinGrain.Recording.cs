using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Storage;

namespace OrleansMl.Outcomes;

/// <content>What becomes of one outcome: about a prediction, about an entity, or again.</content>
internal sealed partial class OutcomeJoinGrain
{
    private async Task<OutcomeResult> RecordAsync(OutcomeRecord outcome)
    {
        var hash = OutcomeHash.Of(outcome);
        var known = await predictions.FindOutcomeAsync(Key, outcome.Id);
        if (known is not null && outcome.Revision <= known.Revision)
        {
            if (!known.ContentHash.Span.SequenceEqual(hash))
            {
                return Rejected("id_conflict", outcome.Revision > 0
                    ? $"Outcome '{outcome.Id}' stands at revision {known.Revision} with other content; send a higher revision to correct it."
                    : $"Outcome '{outcome.Id}' was recorded with other content; send it with a revision above {known.Revision} to correct it, or use a new id.");
            }

            return await RestateTruthAsync(known) is { } error
                ? NotInLog(outcome.Id, error)
                : new OutcomeResult(OutcomeStatus.Duplicate, known.PredictionId is { } id ? [id] : [], null);
        }

        return outcome.PredictionId is not null ? await RecordForPredictionAsync(outcome, hash) : await RecordForEntityAsync(outcome, hash, known);
    }

    private async Task<OutcomeResult> RecordForPredictionAsync(OutcomeRecord outcome, byte[] hash)
    {
        if (await predictions.FindAsync(outcome.PredictionId!) is not { } prediction || prediction.EntityKey != Key)
            return new OutcomeResult(OutcomeStatus.Orphan, [], null);
        if (ModelOf(prediction.Model) is not { Target: { } target } model)
            return Rejected("unknown_target", $"Model '{prediction.Model}' of prediction '{prediction.PredictionId}' declares no target any more; apply its application again.");
        var source = outcome.Source ?? LabelSources.Api;
        if (Check(target, outcome, source, out var label) is { } fault)
            return fault;

        var isFirst = prediction.State is PredictionState.Predicted or PredictionState.Closed;
        var hasTruth = !isFirst && prediction.State != PredictionState.Defaulted;
        if (hasTruth && target.Conflict == LabelConflict.Latest && source != LabelSources.Correction && outcome.Revision != 0 && outcome.Revision <= prediction.OutcomeRevision)
            return Rejected("stale_revision", $"Prediction '{prediction.PredictionId}' has a label of revision {prediction.OutcomeRevision}; a correction needs a higher one, not {outcome.Revision}.");
        var history = await LabelHistory.OfAsync(predictions, prediction);
        if (TooMany(history, prediction) is { } full)
            return full;

        var (status, state) = prediction.State switch
        {
            PredictionState.Predicted => (OutcomeStatus.Joined, PredictionState.Labelled),
            PredictionState.Closed => (OutcomeStatus.Late, PredictionState.Labelled),
            PredictionState.Defaulted => (OutcomeStatus.Late, PredictionState.Corrected),
            _ => (OutcomeStatus.Corrected, PredictionState.Corrected),
        };
        var said = Statement(outcome, prediction, history, label, source, clock.GetUtcNow().UtcDateTime);
        var revision = isFirst ? outcome.Revision : Math.Max(outcome.Revision, prediction.OutcomeRevision + 1);

        // The truth about a prediction stands under the id that came first: a correction replaces it, and never counts twice.
        var labelling = await LabelAsync(prediction, model, history, [said], outcome.Id, revision, state);
        var entry = Entry(outcome, hash, target.Name, prediction.Subject, said.Time, label, source, labelling.IsKept ? outcome.Revision : revision) with { PredictionId = prediction.PredictionId };
        return await StoreAsync(entry, labelling.IsKept ? OutcomeStatus.Kept : status, [labelling], alone: false);
    }

    private async Task<OutcomeResult> RecordForEntityAsync(OutcomeRecord outcome, byte[] hash, OutcomeEntry? known)
    {
        var entity = EntityId.FromGrainKey(Key);
        var models = catalog.Current.Models.Values.Where(m => m.Target?.Name == outcome.Target && m.Definition.Entity == entity.Type).ToArray();
        if (models.Length == 0)
        {
            var targets = catalog.Current.Models.Values.Where(m => m.Definition.Entity == entity.Type && m.Target is not null).Select(m => m.Target!.Name).Distinct().ToArray();
            return Rejected("unknown_target", $"No model about '{entity.Type}' has a target '{outcome.Target}'{(targets.Length == 0 ? "" : $" (known: {string.Join(", ", targets)})")}.");
        }

        var target = models[0].Target!;
        var source = outcome.Source ?? LabelSources.Api;
        if (Check(target, outcome, source, out var label) is { } fault)
            return fault;
        if (known is not null && await CorrectAsync(outcome, hash, known, target.Name, label, source) is { } corrected)
            return corrected;

        var now = clock.GetUtcNow().UtcDateTime;
        var open = await predictions.ListOpenAsync(Key, target.Name, outcome.Subject);
        var time = outcome.Time ?? (open.Count > 0 ? open[^1].Time : await NowAsync(models[0].Clock));
        var status = OutcomeStatus.Joined;
        PredictionRecord[] matches = [.. open.Where(p => p.Time <= time && time < p.WindowEnd)];
        if (matches.Length == 0)
        {
            matches = [.. await predictions.ListClosedAtAsync(Key, target.Name, outcome.Subject, time)];
            status = OutcomeStatus.Late;
        }

        List<Labelling> changes = [.. await LabelAllAsync(matches, time)];
        if (HearsAll(target))
            changes.AddRange(await SpeakAsync(outcome with { Time = time }, target, label, source, now));
        if (changes.Count == 0)
            status = target.OrganicLearn ? OutcomeStatus.Organic : OutcomeStatus.Early;
        else if (matches.Length == 0)
            status = changes.TrueForAll(c => c.IsKept) ? OutcomeStatus.Kept : OutcomeStatus.Corrected;

        var entry = Entry(outcome, hash, target.Name, outcome.Subject ?? "", time, label, source, outcome.Revision) with
        {
            PendingUntil = status == OutcomeStatus.Early ? time + target.Window : null,
            Examples = status == OutcomeStatus.Organic ? await vectors.OrganicAsync(Key, models, outcome, time, now, label) : [],
        };
        var result = await StoreAsync(entry, status, changes, alone: changes.Count == 0 || matches.Length > 0);
        if (status != OutcomeStatus.Early)
            return result;

        // A prediction that was logged between the look above and the commit found nothing waiting: this one looks again.
        matches = [.. (await predictions.ListOpenAsync(Key, target.Name, outcome.Subject)).Where(p => Awaits(entry, p))];
        if (matches.Length == 0)
            return result;
        await CommitAsync([Joined(entry, matches[0])], [.. (await LabelAllAsync(matches, time)).Select(c => c.Change)]);
        return new OutcomeResult(OutcomeStatus.Joined, [.. matches.Select(m => m.PredictionId)], null);

        async Task<List<Labelling>> LabelAllAsync(IEnumerable<PredictionRecord> records, DateTime at)
        {
            var labellings = new List<Labelling>();
            foreach (var record in records)
            {
                if (ModelOf(record.Model) is not { Target: not null } model)
                    continue;
                var state = record.State == PredictionState.Defaulted ? PredictionState.Corrected : PredictionState.Labelled;
                var revision = outcome.Revision != 0 ? outcome.Revision : record.OutcomeRevision + (record.State == PredictionState.Predicted ? 0 : 1);
                var said = Statement(outcome with { Time = at }, record, LabelHistory.None, label, source, now);
                labellings.Add(await LabelAsync(record, model, LabelHistory.None, [said], outcome.Id, revision, state));
            }

            return labellings;
        }
    }

    /// <summary>Where sources are ranked: what an outcome means for predictions in whose window it lies and that only others have labelled.</summary>
    private async Task<List<Labelling>> SpeakAsync(OutcomeRecord outcome, TargetDefinition target, double label, string source, DateTime now)
    {
        var spoken = new List<Labelling>();
        foreach (var prediction in await predictions.ListLabelledAtAsync(Key, target.Name, outcome.Subject, outcome.Time!.Value))
        {
            if (ModelOf(prediction.Model) is not { Target: not null } model)
                continue;
            var history = await LabelHistory.OfAsync(predictions, prediction);
            if (history.Labels.Count >= LabelHistory.Limit || history.Labels.Any(l => l.Source == source))
                continue;
            var said = Statement(outcome, prediction, history, label, source, now);
            spoken.Add(await LabelAsync(prediction, model, history, [said], outcome.Id, Math.Max(outcome.Revision, prediction.OutcomeRevision + 1), PredictionState.Corrected));
        }

        return spoken;
    }

    /// <summary>An outcome that comes again with a higher revision corrects all that it had spoken about; null: it had labelled nothing.</summary>
    private async Task<OutcomeResult?> CorrectAsync(OutcomeRecord outcome, byte[] hash, OutcomeEntry known, string target, double label, string source)
    {
        var labelled = (await predictions.ListLabelledByAsync(Key, outcome.Id)).Where(p => ModelOf(p.Model) is { Target: not null }).ToArray();
        if (labelled.Length == 0)
            return null;
        var (time, now) = (outcome.Time ?? known.Time, clock.GetUtcNow().UtcDateTime);

        // A correction by prediction id may have raised the revision of the truth meanwhile.
        var revision = Math.Max(outcome.Revision, labelled.Max(p => p.OutcomeRevision) + 1);
        var changes = new List<Labelling>();
        foreach (var prediction in labelled)
        {
            var history = await LabelHistory.OfAsync(predictions, prediction);
            if (TooMany(history, prediction) is { } full)
                return full;
            var said = Statement(outcome with { Time = time }, prediction, history, label, source, now);
            changes.Add(await LabelAsync(prediction, ModelOf(prediction.Model)!, history, [said], outcome.Id, revision, PredictionState.Corrected));
        }

        var entry = Entry(outcome, hash, target, outcome.Subject ?? "", time, label, source, outcome.Revision);
        return await StoreAsync(entry, changes.TrueForAll(c => c.IsKept) ? OutcomeStatus.Kept : OutcomeStatus.Corrected, changes, alone: false);
    }

    private static OutcomeResult? Check(TargetDefinition target, OutcomeRecord outcome, string source, out double label)
    {
        label = 0;
        if (LabelPolicy.WhyNot(target, source) is { } refused)
            return Rejected("unknown_source", refused);
        if (source == LabelSources.Default)
            return Rejected("unknown_source", $"The source '{source}' is taken: it marks labels that a window gave when it closed; name another.");
        if (target.ToLabel(outcome.Value, out var why) is not { } value)
            return Rejected("invalid_value", why!);
        label = value;
        return null;
    }

    private static OutcomeResult? TooMany(LabelHistory history, PredictionRecord prediction) => history.Labels.Count < LabelHistory.Limit
        ? null
        : Rejected("too_many_labels", string.Create(CultureInfo.InvariantCulture, $"Prediction '{prediction.PredictionId}' has had {history.Labels.Count} labels, and {LabelHistory.Limit} is the limit; its label stays."));

    private OutcomeEntry Entry(OutcomeRecord outcome, byte[] hash, string target, string subject, DateTime time, double label, string source, int revision) => new()
    {
        EntityKey = Key,
        OutcomeId = outcome.Id,
        Revision = revision,
        Target = target,
        Subject = subject,
        Time = time,
        Value = label,
        Source = source,
        Created = clock.GetUtcNow().UtcDateTime,
        ContentHash = hash,
    };
}
