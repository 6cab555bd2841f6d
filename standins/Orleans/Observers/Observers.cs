using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>Objects outside of the grains that can be called. Held weakly: their owner keeps them alive.</summary>
internal sealed class Observers
{
    public static readonly GrainType Type = GrainType.Create("sys.client");
    private readonly ConcurrentDictionary<GrainId, Entry> _entries = new();

    public IIncomingGrainCallFilter[] Filters { get; set; } = [];

    public GrainId Register(IGrainObserver target)
    {
        var id = GrainId.Create(Type, Guid.NewGuid().ToString("N"));
        _entries[id] = new Entry(target);
        return id;
    }

    public bool Remove(GrainId id) => _entries.TryRemove(id, out _);

    public void Deliver(GrainId id, Turn turn, IIncomingGrainCallFilter[] filters, ILogger logger)
    {
        if (turn is not GrainCall call)
        {
            turn.Reject(new NotSupportedException($"Observer '{id}' cannot be enumerated."));
            return;
        }

        if (!_entries.TryGetValue(id, out var entry) || entry.Target is null)
        {
            _entries.TryRemove(id, out _);
            logger.LogDebug("Observer {ObserverId} is gone; {Call} is dropped.", id, call);
            return;
        }

        entry.Enqueue(call, filters);
    }

    /// <summary>Calls of one observer run one after the other.</summary>
    private sealed class Entry(IGrainObserver target)
    {
        private readonly WeakReference<IGrainObserver> _target = new(target);
        private readonly Queue<(GrainCall Call, IIncomingGrainCallFilter[] Filters)> _waiting = new();
        private bool _running;

        public IGrainObserver? Target => _target.TryGetTarget(out var target) ? target : null;

        public void Enqueue(GrainCall call, IIncomingGrainCallFilter[] filters)
        {
            lock (_waiting)
            {
                _waiting.Enqueue((call, filters));
                if (_running)
                    return;
                _running = true;
            }

            ThreadPool.UnsafeQueueUserWorkItem(static entry => _ = entry.PumpAsync(), this, preferLocal: false);
        }

        private async Task PumpAsync()
        {
            while (true)
            {
                (GrainCall Call, IIncomingGrainCallFilter[] Filters) next;
                lock (_waiting)
                {
                    if (!_waiting.TryDequeue(out next))
                    {
                        _running = false;
                        return;
                    }
                }

                if (Target is { } observer)
                    await next.Call.RunOnObserverAsync(observer, next.Filters);
            }
        }
    }
}
