using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansMl.Inference;

/// <summary>Keeps the statistics of one batcher, and tells the process's instruments. Thread-safe.</summary>
internal sealed class BatchRecorder(BatchingInstruments? instruments, TagList tags, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, BatchSizeStatistics> _batches = [];
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

    /// <summary>A batch ran; its requests are told of one by one.</summary>
    public void Ran(int rows, RunPhases phases)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _executions++;
            _last = now;
            var so = _batches.GetValueOrDefault(rows) ?? new BatchSizeStatistics(rows, default, default, default);
            _batches[rows] = so with
            {
                ComputeInput = so.ComputeInput.Plus(phases.Input),
                ComputeInfer = so.ComputeInfer.Plus(phases.Infer),
                ComputeOutput = so.ComputeOutput.Plus(phases.Output),
            };
        }

        instruments?.Rows.Record(rows, tags);
    }

    public void Answered(int rows, TimeSpan queued, TimeSpan total, RunPhases phases)
    {
        lock (_gate)
        {
            _rows += rows;
            _success = _success.Plus(total);
            _queue = _queue.Plus(queued);
            _input = _input.Plus(phases.Input);
            _infer = _infer.Plus(phases.Infer);
            _output = _output.Plus(phases.Output);
        }

        instruments?.QueueTime.Record(queued.TotalSeconds, tags);
    }

    public void Failed(TimeSpan total)
    {
        lock (_gate)
            _fail = _fail.Plus(total);
    }

    public void GivenUp(TimeSpan total)
    {
        lock (_gate)
        {
            _fail = _fail.Plus(total);
            _cancelled++;
        }
    }

    public void Rejected(string reason, TimeSpan total)
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
    public void Queued(int change)
    {
        if (change != 0)
            instruments?.Queued.Add(change, tags);
    }

    public BatchingStatistics Snapshot(int queued)
    {
        lock (_gate)
        {
            return new BatchingStatistics(
                _success, _fail, _queue, _input, _infer, _output, _rows, _executions, _last, [.. _batches.Values], _rejected.ToImmutableSortedDictionary(StringComparer.Ordinal), _cancelled, queued);
        }
    }
}
