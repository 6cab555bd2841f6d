namespace OrleansMl.Storage.Embedded.Streams;

/// <summary>
/// Wakes readers that wait at the end of a queue. It costs nothing where nobody waits, and tells of a commit from the
/// writer's thread without running a reader there. A signal may be given for nothing: a reader looks again.
/// </summary>
internal sealed class QueueSignals
{
    private readonly TaskCompletionSource?[] _waiting = new TaskCompletionSource?[StreamQueues.Most];

    /// <summary>Completes at the next append to the queue. To be taken before the look at the queue that finds it empty.</summary>
    public Task NextAppend(int queue)
    {
        ref var slot = ref _waiting[queue];
        if (Volatile.Read(ref slot) is { } waiting)
            return waiting.Task;
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref slot, mine, null) ?? mine).Task;
    }

    public void Appended(int queue) => Interlocked.Exchange(ref _waiting[queue], null)?.TrySetResult();

    /// <summary>The store closes: readers find that out for themselves.</summary>
    public void ReleaseAll()
    {
        for (var queue = 0; queue < _waiting.Length; queue++)
            Appended(queue);
    }
}
