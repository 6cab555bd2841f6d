namespace OrleansMl.Serving;

/// <summary>
/// Runs loads on threads of their own, a few at once: reading and optimizing a large graph takes seconds of a core, which
/// neither grain turns nor requests may wait for.
/// </summary>
internal sealed class LoadPool(int threads)
{
    private readonly SemaphoreSlim _free = new(threads, threads);
    private int _running;

    /// <summary>Loads that run now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Waits for a place, then runs the work on a thread that nothing else uses.</summary>
    public async Task<T> RunAsync<T>(Func<T> work)
    {
        await _free.WaitAsync();
        try
        {
            return await Task.Factory.StartNew(Counted, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        }
        finally
        {
            _free.Release();
        }

        T Counted()
        {
            Interlocked.Increment(ref _running);
            try
            {
                return work();
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        }
    }
}
