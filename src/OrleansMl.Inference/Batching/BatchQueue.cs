using System.Diagnostics;

namespace OrleansMl.Inference;

/// <summary>
/// The rules of batching, without threads or clocks: which requests wait, when a batch is due, and what is in it. A batch
/// is made when a session takes it, so until then it grows.
/// <para>Always: the request that comes first by level and arrival is in the next batch of those that are due; within a
/// level, requests that may share batches keep their order; others may pass each other, so that mixed shapes do not
/// break batches up; no batch has more rows than allowed.</para>
/// After Triton's scheduler (<c>dynamic_batch_scheduler.cc</c>, <c>scheduler_utils.h</c>). Not thread-safe.
/// </summary>
internal sealed class BatchQueue(BatchingOptions options)
{
    private static readonly Comparer<PendingRequest> s_byExpiry = Comparer<PendingRequest>.Create((a, b) =>
        a.Expiry != b.Expiry ? a.Expiry!.Value.CompareTo(b.Expiry!.Value) : a.Sequence.CompareTo(b.Sequence));

    private readonly Dictionary<BatchKey, ShapeGroup> _groups = [];
    private readonly SortedSet<PendingRequest> _expiries = new(s_byExpiry);
    private readonly int[] _queued = new int[options.PriorityLevels + 1];
    private readonly int[] _alone = new int[options.PriorityLevels + 1];
    private readonly long[] _rows = new long[options.PriorityLevels + 1];
    private readonly BatchGrowth _growth = new();
    private long _sequence;

    // The group that was emptied last: mostly all requests are of one shape, and the queue runs empty again and again.
    private ShapeGroup? _spare;

    /// <summary>Requests that wait.</summary>
    public int Count { get; private set; }

    /// <summary>No batch waits for company any more.</summary>
    public bool IsFlushing { get; set; }

    /// <summary>When the next request outlives its timeout; null: none will.</summary>
    public TimeSpan? NextExpiry => _expiries.Min?.Expiry;

    /// <summary>A request that finds nothing waiting need not wait for company.</summary>
    public bool IsDueByItself(int rows, bool isAlone) =>
        isAlone || IsFlushing || options.QueueDelay == TimeSpan.Zero || rows == options.MaxBatchRows || options.PreferredRows.AsSpan().Contains(rows);

    /// <summary>Rows and lone requests that go before a new request of this level.</summary>
    public (long Rows, int Alone) Ahead(int level)
    {
        var (rows, alone) = (0L, 0);
        for (var l = 1; l <= level; l++)
        {
            rows += _rows[l];
            alone += _alone[l];
        }

        return (rows, alone);
    }

    /// <summary>Adds a request; false when its level is full.</summary>
    public bool TryAdd(PendingRequest request)
    {
        var level = request.Level;
        if (_queued[level] >= options.PolicyOf(level).MaxQueued)
            return false;
        request.Sequence = ++_sequence;
        if (!_groups.TryGetValue(request.Key, out var group))
        {
            (group, _spare) = request.Key.IsAlone || _spare is null ? (new ShapeGroup(request.Key.IsAlone, options.PriorityLevels), _spare) : (_spare, null);
            group.Key = request.Key;
            _groups.Add(request.Key, group);
        }

        group.Add(request);
        if (request.Expiry is not null)
            _expiries.Add(request);
        Count++;
        _queued[level]++;
        if (request.Key.IsAlone)
            _alone[level]++;
        else
            _rows[level] += request.Rows;
        return true;
    }

    /// <summary>Takes out a request that waits.</summary>
    public void Remove(PendingRequest request)
    {
        var group = _groups[request.Key];
        group.Remove(request);
        Left(request);
        Drop(group);
    }

    /// <summary>Counts a request no more that has left its group.</summary>
    private void Left(PendingRequest request)
    {
        if (request.Expiry is not null && !request.IsDelayed)
            _expiries.Remove(request);
        Count--;
        _queued[request.Level]--;
        if (request.Key.IsAlone)
            _alone[request.Level]--;
        else
            _rows[request.Level] -= request.Rows;
    }

    /// <summary>Keeps no group without requests.</summary>
    private void Drop(ShapeGroup group)
    {
        if (group.Count > 0)
            return;
        _groups.Remove(group.Key);
        if (!group.IsAlone)
            _spare = group;
    }

    /// <summary>Applies the policies to requests that have outlived their timeouts.</summary>
    /// <returns>Those to reject, which do not wait any more.</returns>
    public IReadOnlyList<PendingRequest> Expire(TimeSpan now)
    {
        List<PendingRequest>? rejected = null;
        while (_expiries.Min is { } request && request.Expiry <= now)
        {
            if (options.PolicyOf(request.Level).TimeoutAction == TimeoutAction.Reject)
            {
                Remove(request);
                (rejected ??= []).Add(request);
            }
            else
            {
                _expiries.Remove(request);
                _groups[request.Key].Delay(request);
            }
        }

        return rejected ?? (IReadOnlyList<PendingRequest>)[];
    }

    /// <summary>A session that is idle should take a batch now.</summary>
    public bool IsDue(TimeSpan now) => options.QueueDelay == TimeSpan.Zero || IsFlushing ? Count > 0 : Due(now) is not null;

    /// <summary>When a batch falls due that is not due yet, if nothing comes; null: none waits for that.</summary>
    public TimeSpan? NextDue()
    {
        TimeSpan? next = null;
        foreach (var group in _groups.Values)
        {
            if (group.Oldest() is { } oldest && (next is null || oldest + options.QueueDelay < next))
                next = oldest + options.QueueDelay;
        }

        return next;
    }

    /// <summary>A batch that was taken has run.</summary>
    public void Ran(BatchKey key, int rows, TimeSpan took)
    {
        // Preferred sizes say what is fast, as whoever wrote them knows.
        if (options.PreferredRows.IsEmpty)
            _growth.Ran(key, rows, took);
    }

    /// <summary>The next batch would have fewer rows of this shape than pay off, and waits for no time to be due.</summary>
    public bool CanGrow(BatchKey key)
    {
        if (key.IsAlone || IsFlushing || options.QueueDelay > TimeSpan.Zero || !options.PreferredRows.IsEmpty)
            return false;
        return !_groups.TryGetValue(key, out var group) || group.Rows < _growth.Worth(key, options.MaxBatchRows);
    }

    /// <summary>Takes the next batch; null when none is due.</summary>
    /// <param name="now">The batcher's clock.</param>
    /// <param name="running">
    /// Rows that other sessions run. Where rows are as fast in smaller batches, no session takes more than its share of all rows in flight: one that
    /// took all that waits would keep the others at what trickles in meanwhile, for good, since callers that are answered together come again together.
    /// </param>
    public PendingRequest[]? Take(TimeSpan now, long running = 0)
    {
        if (Due(now) is not { } group)
            return null;
        var count = 1;
        if (!group.IsAlone)
        {
            var most = _growth.Limit(group.Key, (int)Math.Min(group.Rows, options.MaxBatchRows), group.First.Rows);

            var share = (group.Rows + running + options.Instances - 1) / options.Instances;
            if (share < most && _growth.IsAsFast(group.Key, (int)share, most))
                most = (int)share;

            // A request with more rows than pay off together goes by itself.
            count = Math.Max(1, group.Fill(most, options.PreferredRows.AsSpan(), out var preferred));
            if (preferred > 0 && !IsOverdue(group, now))
                count = preferred;
        }

        var batch = group.Take(count);
        Debug.Assert(group.IsAlone || batch[0].Rows <= options.MaxBatchRows, "A request with more rows than a batch may have was queued.");
        foreach (var request in batch)
            Left(request);
        Drop(group);
        return batch;
    }

    /// <summary>Of the groups with a batch that is due, the one whose first request goes first.</summary>
    private ShapeGroup? Due(TimeSpan now)
    {
        ShapeGroup? first = null;
        foreach (var group in _groups.Values)
        {
            if (IsGroupDue(group, now) && (first is null || group.GoesBefore(first)))
                first = group;
        }

        return first;
    }

    private bool IsGroupDue(ShapeGroup group, TimeSpan now)
    {
        if (group.IsAlone || IsFlushing || options.QueueDelay == TimeSpan.Zero || group.Rows >= options.MaxBatchRows || IsOverdue(group, now))
            return true;
        if (options.PreferredRows.IsEmpty)
            return false;
        group.Fill(options.MaxBatchRows, options.PreferredRows.AsSpan(), out var preferred);
        return preferred > 0;
    }

    /// <summary>It has waited for company for as long as it may. Never so when greedy: then nothing waits for company.</summary>
    private bool IsOverdue(ShapeGroup group, TimeSpan now) =>
        IsFlushing || (options.QueueDelay > TimeSpan.Zero && (group.Oldest() is not { } oldest || oldest + options.QueueDelay <= now));
}
