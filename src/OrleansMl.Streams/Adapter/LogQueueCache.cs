using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.Streams;

/// <summary>
/// Batches of one partition between reading and the end of their delivery. Each stream has a list of its own, so a consumer
/// that waits holds up its own stream only, and a cursor never looks at other streams' batches. A batch leaves when every
/// consumer of its stream is past it, in whatever order; the watermark makes positions of that. Used within the turns of
/// one pulling agent.
/// </summary>
internal sealed class LogQueueCache(int maxRecords, TimeSpan maxDelivery) : IQueueCache
{
    private readonly Dictionary<StreamId, StreamLane> _lanes = [];
    private int _records;

    /// <summary>Records that may still be added.</summary>
    public int Room => Math.Max(0, maxRecords - _records);

    /// <summary>Never zero: an agent that is told zero does not even purge. Pressure is what keeps it from reading.</summary>
    public int GetMaxAddCount() => Math.Max(1, Room);

    public bool IsUnderPressure() => _records >= maxRecords;

    public void AddToCache(IList<IBatchContainer> messages)
    {
        foreach (var message in messages)
        {
            var batch = (LogBatchContainer)message;
            if (!_lanes.TryGetValue(batch.StreamId, out var lane))
                _lanes.Add(batch.StreamId, lane = new StreamLane());
            lane.Batches.AddLast(batch);
            _records += batch.Offsets.Length;
        }
    }

    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        // Without a cursor nobody listens: what is there is done with.
        purgedItems = Purge(unheard: true)!;
        return purgedItems is not null;
    }

    /// <summary>
    /// What consumers are past when the partition closes, also those whose cursors are gone by then. The rest of a stream
    /// without a cursor stays: its consumer may be about to be found, which the closing has cut off, and the partition's
    /// next owner finds it.
    /// </summary>
    public IList<IBatchContainer> PurgeHeard() => Purge(unheard: false) ?? [];

    private List<IBatchContainer>? Purge(bool unheard)
    {
        List<IBatchContainer>? done = null;
        List<StreamId>? idle = null;
        foreach (var (stream, lane) in _lanes)
        {
            var through = unheard || lane.Cursors.Count > 0 ? long.MaxValue : lane.LeftAt ?? -1;
            foreach (var cursor in lane.Cursors)
                through = Math.Min(through, cursor.DoneThrough);
            while (lane.Batches.First is { } first && first.Value.Offsets[0] <= through)
            {
                lane.Batches.RemoveFirst();
                lane.GivenBack.Remove(first.Value.Offsets[0]);
                _records -= first.Value.Offsets.Length;
                (done ??= []).Add(first.Value);
            }

            if (lane.Batches.Count == 0 && lane.Cursors.Count == 0)
                (idle ??= []).Add(stream);
        }

        foreach (var stream in idle ?? [])
            _lanes.Remove(stream);
        return done;
    }

    /// <summary>A cursor that begins at the batch of the token, or at the first that is there.</summary>
    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token)
    {
        if (!_lanes.TryGetValue(streamId, out var lane))
            _lanes.Add(streamId, lane = new StreamLane());
        var before = token is not null ? token.SequenceNumber - 1 : lane.Batches.First is { } first ? first.Value.Offsets[0] - 1 : -1;
        var cursor = new LogQueueCursor(lane, before, maxDelivery);
        lane.Cursors.Add(cursor);
        return cursor;
    }

    /// <summary>The batch with this token, while it is here and is not to be offered again.</summary>
    public LogBatchContainer? FindFailed(StreamId streamId, long sequenceNumber) =>
        _lanes.TryGetValue(streamId, out var lane) && !lane.GivenBack.Contains(sequenceNumber) ? lane.Batches.FirstOrDefault(b => b.Offsets[0] == sequenceNumber) : null;

    /// <summary>One stream's batches, offsets rising, and who reads them.</summary>
    internal sealed class StreamLane
    {
        public LinkedList<LogBatchContainer> Batches { get; } = new();

        public List<LogQueueCursor> Cursors { get; } = [];

        /// <summary>First offsets of batches whose delivery was given up before its time: they are neither heard nor failed.</summary>
        public HashSet<long> GivenBack { get; } = [];

        /// <summary>What the consumers whose cursors are gone were all past; null: there has been none.</summary>
        public long? LeftAt { get; set; }
    }
}
