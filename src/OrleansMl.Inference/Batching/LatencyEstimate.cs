namespace OrleansMl.Inference;

/// <summary>When a new request would start and be answered, from what runs, what waits and what batches take. Not thread-safe.</summary>
internal sealed class LatencyEstimate(BatchingOptions options)
{
    private readonly BatchTimeModel _times = new();
    private readonly (int Rows, TimeSpan Start)?[] _running = new (int, TimeSpan)?[options.Instances];

    /// <summary>A session starts a batch.</summary>
    /// <returns>Its number, for <see cref="Finished"/>.</returns>
    public int Started(int rows, TimeSpan now)
    {
        var session = Array.IndexOf(_running, null);
        _running[session] = (rows, now);
        return session;
    }

    /// <summary>A session has ended its batch.</summary>
    public void Finished(int session, TimeSpan now)
    {
        var (rows, start) = _running[session]!.Value;
        _running[session] = null;
        _times.Add(rows, now - start);
    }

    /// <summary>Expected time to start and to answer, from now; null while nothing is known.</summary>
    /// <param name="rows">Rows of the new request.</param>
    /// <param name="isAlone">It shares a batch with none.</param>
    /// <param name="ahead">Rows and lone requests that go before it.</param>
    /// <param name="now">The batcher's clock.</param>
    public (TimeSpan Start, TimeSpan Answer)? For(int rows, bool isAlone, (long Rows, int Alone) ahead, TimeSpan now)
    {
        if (_times.Expect(options.MaxBatchRows) is not { } full)
            return null;
        var fullBatches = ahead.Rows / options.MaxBatchRows;
        var rest = ahead.Rows % options.MaxBatchRows;
        var before = (full * fullBatches) + (_times.Expect(1)!.Value * ahead.Alone);

        // What is left over runs with the request, or before it where they do not fit together.
        var own = rest + rows;
        if (isAlone || own > options.MaxBatchRows)
        {
            before += rest == 0 ? TimeSpan.Zero : _times.Expect(rest)!.Value;
            own = rows;
        }

        var start = FirstIdle(now) + (before / options.Instances);
        return (start, start + _times.Expect(own)!.Value);
    }

    /// <summary>Time until a session is idle.</summary>
    private TimeSpan FirstIdle(TimeSpan now)
    {
        var first = TimeSpan.MaxValue;
        foreach (var running in _running)
        {
            if (running is not { } batch)
                return TimeSpan.Zero;
            var left = batch.Start + _times.Expect(batch.Rows)!.Value - now;
            if (left < first)
                first = left;
        }

        return first < TimeSpan.Zero ? TimeSpan.Zero : first;
    }
}
