using System.Diagnostics;
using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>
/// Applies one partition's records: those of one key one batch after another, those of different keys side by side. A key
/// that is slow or refused holds up neither the others nor, beyond a bound, the partition: its records wait in a lane of
/// their own, count against <see cref="BulkOptions.MaxInFlight"/>, and end as dead letters after
/// <see cref="BulkOptions.MaxDeliveryTime"/>. Lanes take turns, so that in a backlog a lane that waits gathers records and has
/// them applied in one call.
/// </summary>
internal sealed class KeyedDispatcher(string kind, string partition, IRecordHandler handler, DeadLetterWriter letters, BulkOptions options, CancellationToken stopping)
{
    private const int MaxSpareLanes = 1024;
    private const int MaxSpareItems = 128;

    private readonly Lock _gate = new();
    private readonly OffsetWatermark _watermark = new();
    private readonly Dictionary<string, RecordLane> _lanes = new(StringComparer.Ordinal);
    private readonly Queue<RecordLane> _ready = new();

    /// <summary>Lanes without a key. In a backlog thousands come and go in a second.</summary>
    private readonly Stack<RecordLane> _spare = new();
    private TaskCompletionSource? _idle;
    private int _running;
    private int _inFlight;

    /// <summary>Everything below is done with; -1: nothing was taken.</summary>
    public long Next
    {
        get
        {
            lock (_gate)
                return _watermark.Next;
        }
    }

    /// <summary>Records taken and not done with.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>
    /// Takes records in the order of their offsets, which wait for the next <see cref="Start"/>. Does not wait: the caller looks at
    /// <see cref="InFlight"/>. The array is kept, and not changed by anybody, until its last record is done with.
    /// </summary>
    public void Add(LogRecord[] records)
    {
        var plans = new PlannedRecord[records.Length];
        for (var i = 0; i < plans.Length; i++)
            plans[i] = records[i].Fault is { } fault ? PlannedRecord.Refuse(fault.Reason, fault.Detail) : handler.Plan(records[i].Record);

        List<(LogRecord Record, LogFault Fault)>? refused = null;
        lock (_gate)
        {
            for (var i = 0; i < plans.Length; i++)
            {
                var offset = records[i].Offset;
                _watermark.Take(offset);
                if (plans[i].IsDone)
                {
                    _watermark.Complete(offset);
                    continue;
                }

                _inFlight++;
                if (plans[i].Fault is { } fault)
                {
                    (refused ??= []).Add((records[i], fault));
                    continue;
                }

                var key = plans[i].OrderKey!;
                if (!_lanes.TryGetValue(key, out var lane))
                {
                    _lanes.Add(key, lane = _spare.TryPop(out var spare) ? spare : new RecordLane());
                    lane.Key = key;
                    _ready.Enqueue(lane);
                }

                lane.Waiting.Add(new LaneRecord(records, i, plans[i].Item!));
            }
        }

        if (refused is not null)
            _ = PutAsideAsync(refused);
    }

    /// <summary>Waits until nothing is on its way, or until the time is over.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        Task idle;
        lock (_gate)
        {
            if (_inFlight == 0)
                return;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
        }

        await Task.WhenAny(idle, Task.Delay(limit, CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives lanes that wait their turn, as long as there are places. From outside after all that came at once was added, so
    /// that records of one key go in one call.
    /// </summary>
    public void Start()
    {
        while (true)
        {
            RecordLane? lane;
            lock (_gate)
            {
                if (_running >= options.MaxCalls || !_ready.TryDequeue(out lane))
                    return;
                _running++;
                lane.HasPlace = true;
                lane.TakeBatch(options.MaxPerCall);
            }

            _ = RunAsync(lane);
        }
    }

    /// <summary>One turn of a lane: a call, and whatever it takes to be done with its records.</summary>
    private async Task RunAsync(RecordLane lane)
    {
        var isDone = await ApplyAsync(lane, lane.Batch).ConfigureAwait(false);
        lock (_gate)
        {
            FreePlace(lane);
            lane.Batch.Clear();
            if (isDone && lane.Waiting.Count > 0)
                _ready.Enqueue(lane);
            else
                Release(lane);
        }

        // Also where the place was given up before: the lane itself may wait for its next turn.
        Start();
    }

    private void Release(RecordLane lane)
    {
        _lanes.Remove(lane.Key);
        if (lane.Waiting.Count == 0 && lane.Capacity <= MaxSpareItems && _spare.Count < MaxSpareLanes)
            _spare.Push(lane);
    }

    private void LeavePlace(RecordLane lane)
    {
        lock (_gate)
            FreePlace(lane);
        Start();
    }

    private void FreePlace(RecordLane lane)
    {
        if (lane.HasPlace)
            _running--;
        lane.HasPlace = false;
    }

    /// <summary>Applies until every record is done with; false: the dispatcher is stopping.</summary>
    private async Task<bool> ApplyAsync(RecordLane lane, List<LaneRecord> batch)
    {
        var started = Stopwatch.GetTimestamp();
        var pause = new DoublingPause(options.MinBackoff, options.MaxBackoff);
        for (var tried = 1; ; tried++)
        {
            var last = Stopwatch.GetElapsedTime(started) >= options.MaxDeliveryTime;
            IReadOnlyList<RecordFate> fates;
            try
            {
                var call = handler.ApplyAsync(lane.Key, batch.ConvertAll(static i => i.Planned), stopping);
                fates = call.IsCompleted ? await call.ConfigureAwait(false) : await WithPlaceAsync(lane, call.AsTask()).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return false;
            }
            catch (Exception exception)
            {
                fates = [.. Enumerable.Repeat(RecordFate.Later("delivery_failed", exception.Message), batch.Count)];
            }

            // Order within the key: from the first record that has to wait on, all wait.
            var done = 0;
            List<(LogRecord Record, LogFault Fault)>? refused = null;
            for (; done < batch.Count; done++)
            {
                if (fates[done].Fault is not { } fault)
                    continue;
                if (fates[done].IsPassing && !last)
                    break;
                (refused ??= []).Add((batch[done].Record, fault));
            }

            try
            {
                if (refused is not null)
                    await letters.WriteAsync(Letters(refused), stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return false;
            }

            Complete(batch, done);
            batch.RemoveRange(0, done);
            if (batch.Count == 0)
                return true;
            LeavePlace(lane);
            try
            {
                await Task.Delay(pause.After(tried), stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    private async Task<IReadOnlyList<RecordFate>> WithPlaceAsync(RecordLane lane, Task<IReadOnlyList<RecordFate>> call)
    {
        if (!lane.HasPlace)
            return await call.ConfigureAwait(false);
        await ((Task)call.WaitAsync(options.SlowCall, CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!call.IsCompleted)
            LeavePlace(lane);
        return await call.ConfigureAwait(false);
    }

    private async Task PutAsideAsync(List<(LogRecord Record, LogFault Fault)> refused)
    {
        try
        {
            await letters.WriteAsync(Letters(refused), stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Complete(refused.ConvertAll(static r => new LaneRecord([r.Record], 0, r)), refused.Count);
    }

    private List<DeadLetter> Letters(List<(LogRecord Record, LogFault Fault)> refused) =>
        refused.ConvertAll(r => letters.Letter(kind, partition, r.Record.Stream, r.Record.Offset, r.Record.Record, r.Fault.Reason, r.Fault.Detail));

    private void Complete(List<LaneRecord> items, int count)
    {
        TaskCompletionSource? idle = null;
        lock (_gate)
        {
            for (var i = 0; i < count; i++)
                _watermark.Complete(items[i].Record.Offset);
            _inFlight -= count;
            if (_inFlight == 0)
                (idle, _idle) = (_idle, null);
        }

        idle?.TrySetResult();
    }
}
