using Microsoft.Extensions.Logging;

namespace OrleansMl.Storage.Embedded.Logs;

/// <summary>
/// Tells of topics with new items, on a thread of its own: a slow handler holds up other handlers, never a commit. A topic
/// that is already to be told of is told of once.
/// </summary>
internal sealed class TopicNotifier : IDisposable
{
    private readonly object _gate = new();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private bool _isClosed;

    public TopicNotifier(ILogger logger)
    {
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "oml-store-outbox" };
        _thread.Start();
    }

    public event Action<string>? Appended;

    public void Touch(string topic)
    {
        if (Appended is null)
            return;
        lock (_gate)
        {
            if (_waiting.Add(topic))
                Monitor.Pulse(_gate);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }

        // A handler may be the one that closes the store.
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            string[] topics;
            lock (_gate)
            {
                while (_waiting.Count == 0 && !_isClosed)
                    Monitor.Wait(_gate);
                if (_isClosed)
                    return;
                topics = [.. _waiting];
                _waiting.Clear();
            }

            foreach (var topic in topics)
                Raise(topic);
        }
    }

    private void Raise(string topic)
    {
        foreach (var handler in Appended?.GetInvocationList() ?? [])
        {
            try
            {
                ((Action<string>)handler)(topic);
            }
            catch (Exception e)
            {
                StoreLog.TopicHandlerFailed(_logger, topic, e);
            }
        }
    }
}
