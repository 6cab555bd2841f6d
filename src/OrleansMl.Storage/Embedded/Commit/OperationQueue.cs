namespace OrleansMl.Storage.Embedded.Commit;

/// <summary>The bounded queue between callers, who wait without a thread, and the writer, who waits on its own.</summary>
internal sealed class OperationQueue(int capacity)
{
    private readonly SemaphoreSlim _room = new(capacity);
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _arrived = new(false, spinCount: 0);
    private readonly Queue<WriteOperation> _operations = new();
    private bool _isClosed;

    /// <summary>Puts an operation in; waits while the queue is full.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public ValueTask EnqueueAsync(WriteOperation operation)
    {
        if (!_room.Wait(0, CancellationToken.None))
            return EnqueueWhenThereIsRoomAsync(operation);
        Put(operation);
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits for operations and takes those of one commit. False: closed and empty.</summary>
    public bool Take(List<WriteOperation> into, int maxRows)
    {
        while (true)
        {
            _arrived.Wait();
            lock (_gate)
            {
                var rows = 0;
                while (_operations.TryPeek(out var next) && (rows == 0 || rows + next.Rows <= maxRows))
                {
                    rows += Math.Max(1, next.Rows);
                    into.Add(_operations.Dequeue());
                }

                if (_operations.Count == 0 && !_isClosed)
                    _arrived.Reset();
                if (into.Count == 0 && _isClosed)
                    return false;
            }

            if (into.Count == 0)
                continue;
            _room.Release(into.Count);
            return true;
        }
    }

    /// <summary>Takes no more; what is in the queue is still written.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _arrived.Set();
        }
    }

    private async ValueTask EnqueueWhenThereIsRoomAsync(WriteOperation operation)
    {
        await _room.WaitAsync(operation.CancellationToken).ConfigureAwait(false);
        Put(operation);
    }

    private void Put(WriteOperation operation)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _operations.Enqueue(operation);
                _arrived.Set();
                return;
            }
        }

        _room.Release();
        throw new ObjectDisposedException(nameof(EmbeddedStore), "The embedded store is closed.");
    }
}
