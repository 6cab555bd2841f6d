using System.Collections.Concurrent;

namespace OrleansMl.Inference;

/// <summary>Requests of one batcher that have been answered, for those to come: to wait in the queue allocates nothing. Thread-safe.</summary>
internal sealed class PendingRequestPool
{
    /// <summary>Kept at most; more is garbage, as after a burst.</summary>
    private const int Most = 1024;

    // The caller that was answered comes again on the same thread as a rule: its request is still in the core's cache.
    [ThreadStatic]
    private static PendingRequest? t_last;

    private readonly ConcurrentQueue<PendingRequest> _free = new();
    private int _count;

    public PendingRequest Rent()
    {
        if (t_last is { } last && last.IsOf(this))
        {
            t_last = null;
            return last;
        }

        if (!_free.TryDequeue(out var request))
            return new PendingRequest(this);
        Interlocked.Decrement(ref _count);
        return request;
    }

    public void Return(PendingRequest request)
    {
        request.Clear();
        if (t_last is null)
        {
            t_last = request;
            return;
        }

        if (Interlocked.Increment(ref _count) <= Most)
            _free.Enqueue(request);
        else
            Interlocked.Decrement(ref _count);
    }
}
