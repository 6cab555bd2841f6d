using System.Collections.Immutable;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>
/// Counts what an ensemble has answered, as a batcher does for a file. It computes nothing itself, and nothing waits for it:
/// queues and runs are counted with the models of its steps. Thread-safe.
/// </summary>
internal sealed class EnsembleRecorder(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _rejected = new(StringComparer.Ordinal);
    private DurationCount _success;
    private DurationCount _fail;
    private long _rows;
    private long _cancelled;
    private DateTimeOffset? _last;

    /// <summary>What it has done so far.</summary>
    public BatchingStatistics Statistics
    {
        get
        {
            lock (_gate)
                return new BatchingStatistics(_success, _fail, default, default, default, default, _rows, _success.Count, _last, [], _rejected.ToImmutableSortedDictionary(StringComparer.Ordinal), _cancelled, 0);
        }
    }

    public void Answered(int rows, TimeSpan duration)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _success = _success.Plus(duration);
            _rows += rows;
            _last = now;
        }
    }

    /// <param name="duration">Until it failed.</param>
    /// <param name="rejection">Why it may be sent again; null: it was no rejection.</param>
    public void Failed(TimeSpan duration, string? rejection = null)
    {
        lock (_gate)
        {
            _fail = _fail.Plus(duration);
            if (rejection is not null)
                _rejected[rejection] = _rejected.GetValueOrDefault(rejection) + 1;
        }
    }

    public void GivenUp(TimeSpan duration)
    {
        lock (_gate)
        {
            _fail = _fail.Plus(duration);
            _cancelled++;
        }
    }
}
