using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Streams;

/// <summary>
/// Publishes what was accepted over HTTP: after the append and before the answer, so that what is acknowledged is on its
/// way. A resend publishes again; consumers know records by their ids. Records carry <see cref="StreamRecords.AppendedHeader"/>,
/// so that the system does not take its own in a second time.
/// </summary>
internal sealed class StreamPublisher(IStreamLog log, IOptions<StreamPublishing> options)
{
    private static readonly ImmutableArray<KeyValuePair<string, string>> Appended = [new(StreamRecords.AppendedHeader, "1")];

    public bool Publishes(string ns) => options.Value.Namespaces.Contains(ns);

    public ValueTask EventsAsync(IReadOnlyList<IngestEvent> events, ImmutableArray<AppendOutcome> outcomes, CancellationToken cancellationToken)
    {
        var appends = new List<StreamAppend>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            if (outcomes[i].Status == AppendStatus.Rejected)
                continue;
            var item = events[i];
            appends.Add(Append(OmlStreams.Events, item.Entity.ToGrainKey(), new StreamRecord
            {
                Id = item.Id,
                Type = item.Type,
                Time = item.Time,
                Subject = item.Entity.ToString(),
                Data = RecordJson.Fields(item.Fields),
            }));
        }

        return log.AppendAsync(appends, cancellationToken);
    }

    public ValueTask OutcomesAsync(IReadOnlyList<IngestOutcome> outcomes, ImmutableArray<OutcomeResult> results, CancellationToken cancellationToken)
    {
        var appends = new List<StreamAppend>(outcomes.Count);
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (results[i].Status == OutcomeStatus.Rejected)
                continue;
            var item = outcomes[i];
            appends.Add(Append(OmlStreams.Outcomes, item.Entity?.ToGrainKey() ?? item.PredictionId!, new StreamRecord
            {
                Id = item.Id,
                Type = item.Target ?? "outcome",
                Time = item.Time,
                Subject = item.Entity?.ToString(),
                Data = RecordJson.Outcome(item),
            }));
        }

        return log.AppendAsync(appends, cancellationToken);
    }

    public ValueTask PredictionAsync(PredictRequest request, PredictResponse response, DateTime time, CancellationToken cancellationToken) =>
        log.AppendAsync(
            [
                Append(OmlStreams.Predictions, request.Entity?.ToGrainKey() ?? response.Model, new StreamRecord
                {
                    Id = response.PredictionId,
                    Type = response.Model,
                    Time = time,
                    Subject = request.Entity?.ToString(),
                    Data = RecordJson.Prediction(request, response),
                }),
            ],
            cancellationToken);

    private StreamAppend Append(string ns, string key, StreamRecord record)
    {
        var trace = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
        var shard = ShardHash.Of(key) % (uint)options.Value.Shards;
        return new StreamAppend(ns, shard.ToString(CultureInfo.InvariantCulture), StreamRecordCodec.Encode(record with { Key = key, TraceParent = trace, Headers = Appended }));
    }
}
