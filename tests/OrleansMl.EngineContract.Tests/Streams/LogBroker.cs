using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

/// <summary>One log with offsets, shared by a silo and a client of this process: what was written, handed out and acknowledged.</summary>
public sealed class LogBroker
{
    private readonly Lock _gate = new();
    private readonly List<LogMessage> _messages = [];
    private readonly List<(Func<bool> Condition, TaskCompletionSource Met)> _waiting = [];
    private readonly List<string> _steps = [];
    private readonly List<long> _acknowledged = [];
    private readonly List<(StreamId Stream, long? Offset)> _failures = [];
    private readonly List<int> _asked = [];
    private int _failingWrites;
    private int _failingReads;
    private int _failingAcknowledgements;

    /// <summary>The next offset to hand out.</summary>
    public int Position { get; private set; }

    /// <summary>The most that was handed out and not acknowledged.</summary>
    public int MaxInFlight { get; private set; }

    public IReadOnlyList<long> Acknowledged => Read(() => _acknowledged.ToArray());

    public IReadOnlyList<(StreamId Stream, long? Offset)> Failures => Read(() => _failures.ToArray());

    /// <summary>The numbers of messages asked for.</summary>
    public IReadOnlyList<int> Asked => Read(() => _asked.ToArray());

    public IReadOnlyList<string> Steps => Read(() => _steps.ToArray());

    public void FailNextWrite() => Change(() => _failingWrites++);

    public void FailNextReads(int times) => Change(() => _failingReads += times);

    public void FailNextAcknowledgement() => Change(() => _failingAcknowledgements++);

    public long Append(StreamId stream, IEnumerable<object> events, Dictionary<string, object>? context)
    {
        long offset = 0;
        Change(() =>
        {
            if (_failingWrites > 0)
            {
                _failingWrites--;
                throw new IOException("The log is full.");
            }

            offset = _messages.Count;
            _messages.Add(new LogMessage(stream, [.. events], context, offset));
        });
        return offset;
    }

    public IList<LogMessage> Take(int max)
    {
        IList<LogMessage> taken = [];
        Change(() =>
        {
            _asked.Add(max);
            if (_failingReads > 0)
            {
                _failingReads--;
                throw new IOException("The log cannot be read.");
            }

            taken = [.. _messages.Skip(Position).Take(max)];
            Position += taken.Count;
            MaxInFlight = Math.Max(MaxInFlight, Position - _acknowledged.Count);
        });
        return taken;
    }

    public void Acknowledge(IEnumerable<LogMessage> messages) => Change(() =>
    {
        if (_failingAcknowledgements > 0)
        {
            _failingAcknowledgements--;
            _steps.Add("acknowledgement failed");
            throw new IOException("The offsets cannot be stored.");
        }

        _acknowledged.AddRange(messages.Select(m => m.Offset));
    });

    public void Fail(StreamId stream, long? offset) => Change(() => _failures.Add((stream, offset)));

    public void Step(string what) => Change(() => _steps.Add(what));

    public Task WaitForAcknowledgement(long offset) => WaitUntil(() => _acknowledged.Contains(offset), $"offset {offset} is acknowledged");

    public Task WaitForFailure(StreamId stream) => WaitUntil(() => _failures.Any(f => f.Stream == stream), $"delivery of {stream} has failed");

    public Task WaitForStep(string what) => WaitUntil(() => _steps.Contains(what), what);

    public Task WaitForPosition(int position) => WaitUntil(() => Position >= position, $"{position} messages are handed out");

    private async Task WaitUntil(Func<bool> condition, string what)
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Change(() => _waiting.Add((condition, met)));
        try
        {
            await met.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited for: {what}. Handed out {Position}, acknowledged {string.Join(',', Acknowledged)}, steps {string.Join(", ", Steps)}.");
        }
    }

    private void Change(Action action)
    {
        lock (_gate)
        {
            try
            {
                action();
            }
            finally
            {
                foreach (var (_, met) in _waiting.Where(w => w.Condition()))
                    met.TrySetResult();
                _waiting.RemoveAll(w => w.Met.Task.IsCompleted);
            }
        }
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
            return read();
    }
}
