using System.Diagnostics;
using Orleans.Streams;

namespace OrleansMl.Streams;

/// <summary>One consumer's place in its stream.</summary>
/// <param name="lane">The stream.</param>
/// <param name="doneThrough">The consumer begins after this offset.</param>
/// <param name="maxDelivery">How long a delivery is tried before it has failed.</param>
internal sealed class LogQueueCursor(LogQueueCache.StreamLane lane, long doneThrough, TimeSpan maxDelivery) : IQueueCacheCursor
{
    private LinkedListNode<LogBatchContainer>? _node;
    private bool _hasCurrent;
    private long _offered;
    private bool _isGivenBack;

    /// <summary>First offset of the newest batch that the consumer is done with: it counts only once the cursor has left the batch.</summary>
    public long DoneThrough { get; private set; } = doneThrough;

    public IBatchContainer GetCurrent(out Exception? exception)
    {
        exception = null;
        return _hasCurrent ? _node!.Value : null!;
    }

    public bool MoveNext()
    {
        if (_hasCurrent && _isGivenBack)
        {
            Offer();
            return true;
        }

        if (_hasCurrent)
            DoneThrough = _node!.Value.Offsets[0];
        var next = _node is { List: not null } ? _node.Next : FirstAfter(DoneThrough);
        _hasCurrent = next is not null;
        if (_hasCurrent)
        {
            _node = next;
            Offer();
        }

        return _hasCurrent;

        void Offer()
        {
            _offered = Stopwatch.GetTimestamp();
            _isGivenBack = false;
            lane.GivenBack.Remove(_node!.Value.Offsets[0]);
        }
    }

    public void Refresh(StreamSequenceToken token)
    {
        // The next move looks at what is there.
    }

    /// <summary>
    /// The failure handler stores the batch's records as dead letters before the cursor moves on. An agent that is closing,
    /// though, reports the first failure as the last one: then the batch stays where it is, for the partition's next owner.
    /// </summary>
    public void RecordDeliveryFailure()
    {
        if (!_hasCurrent || Stopwatch.GetElapsedTime(_offered) >= maxDelivery)
            return;
        _isGivenBack = true;
        lane.GivenBack.Add(_node!.Value.Offsets[0]);
    }

    public void Dispose()
    {
        // One that never moved has only held the place until its stream's consumers were found.
        if (lane.Cursors.Remove(this) && _node is not null)
            lane.LeftAt = Math.Min(lane.LeftAt ?? long.MaxValue, DoneThrough);
    }

    private LinkedListNode<LogBatchContainer>? FirstAfter(long offset)
    {
        var node = lane.Batches.First;
        while (node is not null && node.Value.Offsets[0] <= offset)
            node = node.Next;
        return node;
    }
}
