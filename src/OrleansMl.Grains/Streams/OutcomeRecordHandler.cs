using OrleansMl.Services;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Streams;

/// <summary>Outcomes that come by a stream, as JSON like those over HTTP.</summary>
internal sealed class OutcomeRecordHandler(IIngestService ingest) : IRecordHandler
{
    public string Namespace => OmlStreams.Outcomes;

    public PlannedRecord Plan(StreamRecord record)
    {
        if (StreamRecords.IsAppended(record))
            return PlannedRecord.Done;
        try
        {
            var outcome = StrictReader.Parse(record.Data.Span, OutcomeJson.Read);

            // Revisions of one outcome, and outcomes of one entity, stay in order; the entity of a prediction is not known here.
            return PlannedRecord.Apply(outcome.Entity?.ToGrainKey() ?? record.Key ?? outcome.PredictionId!, outcome);
        }
        catch (InputFaultException exception)
        {
            return PlannedRecord.Refuse(StreamRecords.ReasonOf(exception.Fault), exception.Fault.Detail);
        }
    }

    public async ValueTask<IReadOnlyList<RecordFate>> ApplyAsync(string orderKey, IReadOnlyList<object> items, CancellationToken cancellationToken)
    {
        var outcomes = new IngestOutcome[items.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = (IngestOutcome)items[i];
        var results = await ingest.RecordOutcomesAsync(outcomes, cancellationToken).ConfigureAwait(false);
        return
        [
            .. results.Select((result, i) => result.Status switch
            {
                OutcomeStatus.Rejected => StreamRecords.FateOf(result.Fault),
                OutcomeStatus.Orphan => RecordFate.Refused("orphan", $"There is no prediction '{outcomes[i].PredictionId}' here."),
                _ => RecordFate.Applied,
            }),
        ];
    }
}
