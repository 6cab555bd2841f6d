using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansMl.Inference;

/// <summary>
/// Keeps the statistics of a model, over the batchers that follow each other where its configuration changes or it is loaded
/// again, and tells the process's instruments. Thread-safe.
/// </summary>
/// <param name="instruments">Where to count beside; null: nowhere.</param>
/// <param name="tags">Tags of its measurements: model, version.</param>
/// <param name="time">Clock that says when a batch ended.</param>
public sealed class BatchRecorder(BatchingInstruments? instruments, TagList tags, TimeProvider time)
{
    private readonly Lock _gate = new();

    /// <summary>Sizes that are counted by themselves; where large requests run alone, callers choose the sizes.</summary>
    private const int MaxSizes = 512;

    private readonly Dictionary<int, SizeCounts> _batches = [];
    private readonly SortedDictionary<string, long> _rejected = new(StringComparer.Ordinal);
    private DurationCount _success;
    private DurationCount _fail;
    private DurationCount _queue;
    private DurationCount _input;
    private DurationCount _infer;
    private DurationCount _output;
    private long _rows;
    private long _executions;
    private long _cancelled;
    private DateTimeOffset? _last;

    /// <summary>What was counted so far.</summary>
    /// <param name="queued">Requests that wait now; 0 where no batcher is in use.</param>
    public BatchingStatistics Snapshot(int queued = 0)
    {
        lock (_gate)
        {
            return new BatchingStatistics(
                _success, _fail, _queue, _input, _infer, _output, _rows, _executions, _last,
                [.. _batches.OrderBy(b => b.Key).Select(b => b.Value.Of(b.Key))], _rejected.ToImmutableSortedDictionary(StringComparer.Ordinal), _cancelled, queued);
        }
    }

    /// <summary>A batch ran; its requests are told of one by one.</summary>
    internal void Ran(int rows, RunPhases phases)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _executions++;
            _last = now;
            if (!_batches.TryGetValue(rows, out var counts) && _batches.Count < MaxSizes)
                _batches.Add(rows, counts = new SizeCounts());
            counts?.Add(phases);
        }

        instruments?.Rows.Record(rows, tags);
    }

    /// <summary>A request is about to be answered.</summary>
    internal void Answered(int rows, TimeSpan queued, TimeSpan total, RunPhases phases)
    {
        lock (_gate)
            Count(rows, queued, total, phases);
        instruments?.QueueTime.Record(queued.TotalSeconds, tags);
    }

    /// <summary>All requests of a batch that have outputs are about to be answered.</summary>
    /// <param name="batch">The requests.</param>
    /// <param name="start">When they were taken from the queue.</param>
    /// <param name="now">The batcher's clock.</param>
    /// <param name="phases">Of the batch.</param>
    internal void Answered(PendingRequest[] batch, TimeSpan start, TimeSpan now, RunPhases phases)
    {
        lock (_gate)
        {
            foreach (var request in batch)
            {
                if (request.Outputs is not null)
                    Count(request.Rows, start - request.Arrival, now - request.Arrival, phases);
            }
        }

        if (instruments is null)
            return;
        foreach (var request in batch)
        {
            if (request.Outputs is not null)
                instruments.QueueTime.Record((start - request.Arrival).TotalSeconds, tags);
        }
    }

    private void Count(int rows, TimeSpan queued, TimeSpan total, RunPhases phases)
    {
        _rows += rows;
        _success = _success.Plus(total);
        _queue = _queue.Plus(queued);
        _input = _input.Plus(phases.Input);
        _infer = _infer.Plus(phases.Infer);
        _output = _output.Plus(phases.Output);
    }

    internal void Failed(TimeSpan total)
    {
        lock (_gate)
            _fail = _fail.Plus(total);
    }

    internal void GivenUp(TimeSpan total)
    {
        lock (_gate)
        {
            _fail = _fail.Plus(total);
            _cancelled++;
        }
    }

    internal void Rejected(string reason, TimeSpan total)
    {
        lock (_gate)
        {
            _fail = _fail.Plus(total);
            _rejected[reason] = _rejected.GetValueOrDefault(reason) + 1;
        }

        if (instruments is null)
            return;
        var withReason = tags;
        withReason.Add("reason", reason);
        instruments.Rejected.Add(1, withReason);
    }

    /// <summary>Requests began to wait, or ceased to.</summary>
    internal void Queued(int change)
    {
        if (change != 0)
            instruments?.Queued.Add(change, tags);
    }

    /// <summary>Counts of one batch size, changed in place: a run allocates nothing here.</summary>
    private sealed class SizeCounts
    {
        private DurationCount _input;
        private DurationCount _infer;
        private DurationCount _output;

        public void Add(RunPhases phases)
        {
            _input = _input.Plus(phases.Input);
            _infer = _infer.Plus(phases.Infer);
            _output = _output.Plus(phases.Output);
        }

        public BatchSizeStatistics Of(int rows) => new(rows, _input, _infer, _output);
    }
}
