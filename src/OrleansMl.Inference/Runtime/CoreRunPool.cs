namespace OrleansMl.Inference;

/// <summary>Runs kept for reuse, about as many as can be busy at once.</summary>
internal sealed class CoreRunPool(CoreModel core) : IDisposable
{
    /// <summary>Buffers of a rare large batch are not kept: 4 M numbers.</summary>
    private const long LargestKept = 1L << 22;

    private readonly CoreRun?[] _kept = new CoreRun?[Math.Max(4, 2 * Environment.ProcessorCount)];
    private bool _disposed;

    public CoreRun Rent()
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Volatile.Read(ref _kept[i]) is not null && Interlocked.Exchange(ref _kept[i], null) is { } run)
                return run;
        }

        return new CoreRun(core);
    }

    public void Return(CoreRun run)
    {
        if (!Volatile.Read(ref _disposed) && run.Size <= LargestKept)
        {
            for (var i = 0; i < _kept.Length; i++)
            {
                if (Volatile.Read(ref _kept[i]) is null && Interlocked.CompareExchange(ref _kept[i], run, null) is null)
                    return;
            }
        }

        run.Dispose();
    }

    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        for (var i = 0; i < _kept.Length; i++)
            Interlocked.Exchange(ref _kept[i], null)?.Dispose();
    }
}
