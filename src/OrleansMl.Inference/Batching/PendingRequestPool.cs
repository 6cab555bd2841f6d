using System.Collections.Concurrent;

namespace OrleansMl.Inference;

/// <summary>Requests of one batcher that have been answered, for those to come: to wait in the queue allocates nothing. Thread-safe.</summary>
internal sealed class PendingRequestPool
{
    /// <summary>Kept at most; more is garbage, as after a burst.</summary>
    private const int Most = 1024;

    private readonly ConcurrentQueue<PendingRequest> _free = new();
    private int _count;

    public PendingRequest Rent()
    {
        if (!_free.TryDequeue(out var request))
            return new PendingRequest(this);
        Interlocked.Decrement(ref _count);
        return request;
    }

    public void Return(PendingRequest request)
    {
        request.Clear();
        if (Interlocked.Increment(ref _count) <= Most)
            _free.Enqueue(request);
        else
            Interlocked.Decrement(ref _count);
    }
}
