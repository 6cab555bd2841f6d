namespace OrleansMl.Inference;

/// <summary>
/// Brings requests and sessions together: counts the sessions that are busy, wakes one when a batch is due, and sets the
/// one timer for the next batch or timeout. Everything happens on an event; nothing polls. Thread-safe.
/// </summary>
internal sealed class BatchDispatcher : IThreadPoolWorkItem
{
    /// <summary>Requests at an idle session between two looks: a look costs about as much as the rest of the way.</summary>
    private const int LookEvery = 8;

    private readonly Lock _gate = new();
    private readonly BatchingOptions _options;
    private readonly BatchQueue _queue;
    private readonly BatchRunner _runner;
    private readonly BatchRecorder _recorder;
    private readonly BatchClock _clock;
    private readonly LatencyEstimate? _estimate;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan? _armed;
    private bool _isDraining;
    private bool _isHeld;
    private int _busy;

    // Rows of the runs under way.
    private long _running;

    // A session that was woken and has taken no batch yet: what comes meanwhile is for it, not for another session.
    private bool _isStarting;

    // Company that a request may expect: the last batch's, halved with each that had less. Callers that were answered
    // together come again about together; one that ran on its caller's thread would keep that thread from bringing the
    // others, and batches would stay small however many callers there are.
    private int _company;

    // Callers that go on their own threads one after the other keep all others waiting for one, and would never learn of
    // company: now and then a request looks whether anybody waits for a thread.
    private readonly Func<bool> _othersWait;
    private readonly Resumption _resumption;
    private int _inlineRuns;

    /// <param name="othersWait">Something waits for a thread of the pool: perhaps a caller with a request.</param>
    public BatchDispatcher(BatchingOptions options, BatchRunner runner, BatchRecorder recorder, BatchClock clock, Func<bool> othersWait)
    {
        (_options, _runner, _recorder, _clock, _othersWait) = (options, runner, recorder, clock, othersWait);
        _resumption = new Resumption(this);
        _queue = new BatchQueue(options);
        _estimate = options.Adaptive is null ? null : new LatencyEstimate(options);
        _isHeld = options.HoldUntilQueued > 0;
        _timer = clock.Time.CreateTimer(static state => ((BatchDispatcher)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Queued
    {
        get
        {
            lock (_gate)
                return _queue.Count;
        }
    }

    /// <summary>Requests that wait, and runs under way.</summary>
    public int Load
    {
        get
        {
            lock (_gate)
                return _queue.Count + _busy;
        }
    }

    /// <summary>One more request would be in the next batches, one for each session.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
                return _queue.Count < (long)_options.Instances * _options.MaxBatchRows;
        }
    }

    /// <summary>Reserves an idle session for a request that finds nothing waiting; give it back with <see cref="Release"/>.</summary>
    public bool TryStartInline(int rows, bool isAlone, TimeSpan now, out int session)
    {
        session = -1;
        // A session that becomes idle just now is woken for it once it is queued.
        if (Volatile.Read(ref _busy) == _options.Instances)
            return false;
        lock (_gate)
        {
            if (_isDraining || _isHeld || _queue.Count > 0 || _busy == _options.Instances || !_queue.IsDueByItself(rows, isAlone))
                return false;
            if (!isAlone && rows < _options.MaxBatchRows && (_company > 0 || (++_inlineRuns % LookEvery == 0 && _othersWait())))
                return false;
            _busy++;
            _running += rows;
            session = _estimate?.Started(rows, now) ?? -1;
            return true;
        }
    }

    /// <summary>An inline run has ended.</summary>
    public void Release(int session, int rows)
    {
        lock (_gate)
        {
            var now = _clock.Now;
            _busy--;
            _running -= rows;
            _estimate?.Finished(session, now);
            Proceed(now);
        }
    }

    /// <summary>Puts a request into the queue.</summary>
    /// <returns>Why it was rejected; null: it waits, or its caller has given up, and it will be ended.</returns>
    public Rejection? Enqueue(PendingRequest request)
    {
        lock (_gate)
        {
            // It has come just now: what happens here is too short to look at the clock again.
            var now = request.Arrival;
            if (_isDraining)
                return new Rejection(RejectionReasons.NotReady, "This version of the model is being unloaded; send the request again.");
            if (request.IsGivenUp)
            {
                _runner.GiveUp(request);
                return null;
            }

            if (WhyLate(request, now) is { } late)
                return late;
            if (!_queue.TryAdd(request))
            {
                return new Rejection(
                    RejectionReasons.QueueFull,
                    $"{_options.PolicyOf(request.Level).MaxQueued} requests of priority {request.Level} wait already, as many as may (MaxQueued); send it again later.");
            }

            _recorder.Queued(1);
            if (_queue.Count >= _options.HoldUntilQueued)
                _isHeld = false;
            Proceed(now);
            return null;
        }
    }

    /// <summary>The caller gives up: a request that waits leaves at once; one that runs is ended with its batch.</summary>
    public void GiveUp(PendingRequest request)
    {
        lock (_gate)
        {
            request.IsGivenUp = true;
            if (!request.IsQueued)
                return;
            _queue.Remove(request);
            _recorder.Queued(-1);
            Proceed(_clock.Now);
        }

        _runner.GiveUp(request);
    }

    /// <summary>Admits nothing from now on; completes when all that was admitted is done.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            _isDraining = true;
            _isHeld = false;
            _queue.IsFlushing = true;
            Proceed(_clock.Now);
        }

        return _drained.Task;
    }

    /// <summary>A session that was woken runs batches until none is due.</summary>
    void IThreadPoolWorkItem.Execute() => RunBatches(isWoken: true);

    private void RunBatches(bool isWoken)
    {
        var session = -1;
        BatchKey? key = null;
        var rows = 0;
        TimeSpan? took = null;
        while (true)
        {
            PendingRequest[]? batch;
            IReadOnlyList<PendingRequest> expired;
            TimeSpan now;
            lock (_gate)
            {
                now = _clock.Now;
                if (isWoken)
                    _isStarting = false;
                if (key is not null)
                    _estimate?.Finished(session, now);
                _running -= rows;
                var ran = rows;
                rows = 0;
                if (took is { } time)
                    _queue.Ran(key!, ran, time);
                isWoken = false;
                if (key is not null && !_isDraining && _queue.CanGrow(key) && _othersWait())
                {
                    // Callers that were just answered wait for a thread to come again with: this one, for a moment.
                    ThreadPool.UnsafeQueueUserWorkItem(_resumption, preferLocal: false);
                    return;
                }

                expired = _queue.Expire(now);
                batch = _queue.Take(now, _running);
                _recorder.Queued(-expired.Count - (batch?.Length ?? 0));
                if (batch is null)
                {
                    _busy--;
                }
                else
                {
                    (key, rows) = (batch[0].Key, RowsOf(batch));
                    _running += rows;
                    session = _estimate?.Started(rows, now) ?? -1;
                    _company = Math.Max(batch.Length - 1, _company / 2);
                }

                Proceed(now);
            }

            Reject(expired);
            if (batch is null)
                return;
            took = _runner.Run(batch, rows, now);
        }
    }

    private static int RowsOf(PendingRequest[] batch)
    {
        var rows = 0;
        foreach (var request in batch)
            rows += request.Rows;
        return rows;
    }

    private void OnTimer()
    {
        IReadOnlyList<PendingRequest> expired;
        lock (_gate)
        {
            _armed = null;
            var now = _clock.Now;
            expired = _queue.Expire(now);
            _recorder.Queued(-expired.Count);
            Proceed(now);
        }

        Reject(expired);
    }

    private void Reject(IReadOnlyList<PendingRequest> expired)
    {
        foreach (var request in expired)
        {
            _runner.Reject(request, new Rejection(
                RejectionReasons.QueueTimeout,
                $"The request waited for {(request.Expiry!.Value - request.Arrival).TotalMilliseconds:0.###} ms, as long as it may, and did not start; send it again later."));
        }
    }

    /// <summary>What follows from any change, under the lock: wake a session, set the timer, end the drain.</summary>
    private void Proceed(TimeSpan now)
    {
        if (!_isHeld && !_isStarting && _busy < _options.Instances && _queue.IsDue(now))
        {
            _busy++;
            _isStarting = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        SetTimer(now);
        if (_isDraining && _busy == 0 && _queue.Count == 0 && _drained.TrySetResult())
            _timer.Dispose();
    }

    private void SetTimer(TimeSpan now)
    {
        var next = _queue.NextExpiry;
        // A batch that falls due while all sessions are busy is seen by the first that is not.
        if (_options.QueueDelay > TimeSpan.Zero && !_isHeld && !_isStarting && _busy < _options.Instances && _queue.NextDue() is { } due && (next is null || due < next))
            next = due;
        // A timer that fires early finds nothing to do and is set again; setting it at every change would cost more.
        if (next is null || _armed <= next)
            return;
        _armed = next;
        // The system's timers cut fractions of a millisecond off and would fire too early.
        var wait = Math.Max(1, Math.Ceiling((next.Value - now).TotalMilliseconds));
        _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }

    private Rejection? WhyLate(PendingRequest request, TimeSpan now)
    {
        // A session that is idle with nothing waiting takes it whatever was learned, so a bad estimate mends itself.
        if (_estimate is null || (_queue.Count == 0 && _busy < _options.Instances))
            return null;
        if (_estimate.For(request.Rows, request.Key.IsAlone, _queue.Ahead(request.Level), now) is not { } expected)
            return null;
        var target = _options.Adaptive!.LatencyTarget;
        if (expected.Answer > target)
            return Late($"The answer is expected in {expected.Answer.TotalMilliseconds:0.###} ms, later than the target of {target.TotalMilliseconds:0.###} ms (LatencyTarget)");
        if (request.Expiry - request.Arrival < expected.Start && _options.PolicyOf(request.Level).TimeoutAction == TimeoutAction.Reject)
            return Late($"The request is expected to start in {expected.Start.TotalMilliseconds:0.###} ms, after its timeout of {(request.Expiry - request.Arrival)!.Value.TotalMilliseconds:0.###} ms");
        return null;

        static Rejection Late(string what) => new(RejectionReasons.Deadline, $"{what}; send it again later.");
    }

    /// <summary>A session that let others have its thread goes on with whatever waits by then.</summary>
    private sealed class Resumption(BatchDispatcher dispatcher) : IThreadPoolWorkItem
    {
        public void Execute() => dispatcher.RunBatches(isWoken: false);
    }
}
