using Microsoft.Extensions.Options;

namespace OrleansMl.Gateway.Idempotency;

/// <summary>
/// Answers by <c>Idempotency-Key</c>, bounded in number, bytes and age; the oldest go first. The first request of a key
/// is its owner, the others wait for it; when the owner fails, one of those that wait takes its place.
/// </summary>
internal sealed class IdempotencyCache(IOptions<GatewayOptions> options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _order = new();
    private readonly GatewayOptions _options = options.Value;
    private long _bytes;

    /// <summary>What a request with a key has to do.</summary>
    internal enum Verdict
    {
        /// <summary>Run it, then <see cref="Complete"/> or <see cref="Abandon"/>.</summary>
        Run,

        /// <summary>Send the stored answer.</summary>
        Repeat,

        /// <summary>The key stands for another body.</summary>
        Mismatch,

        /// <summary>Too many requests with keys are in flight.</summary>
        Full,
    }

    /// <summary>Takes the key, or waits for who has it.</summary>
    public async Task<(Verdict Verdict, StoredAnswer? Answer)> EnterAsync(string key, byte[] bodyHash, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                Expire();
                if (!_entries.TryGetValue(key, out var entry))
                {
                    if (!MakeRoom())
                        return (Verdict.Full, null);
                    _entries.Add(key, new Entry(bodyHash, time.GetUtcNow(), _order.AddLast(key)));
                    return (Verdict.Run, null);
                }

                if (!entry.BodyHash.AsSpan().SequenceEqual(bodyHash))
                    return (Verdict.Mismatch, null);
                if (entry.Answer is { } answer)
                    return (Verdict.Repeat, answer);
                wait = entry.Done.Task;
            }

            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Complete(string key, StoredAnswer answer)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry))
                return;
            entry.Answer = answer;
            entry.Since = time.GetUtcNow();
            _order.Remove(entry.Place);
            _order.AddLast(entry.Place);
            _bytes += answer.Body.Length;
            entry.Done.TrySetResult();
            Expire();
            while (_bytes > _options.IdempotencyBytes && RemoveOldestAnswer())
            {
            }
        }
    }

    public void Abandon(string key)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry))
                Remove(key, entry);
        }
    }

    private void Expire()
    {
        var oldest = time.GetUtcNow() - _options.IdempotencyHorizon;
        for (var node = _order.First; node is not null;)
        {
            var next = node.Next;
            var entry = _entries[node.Value];
            if (entry.Since > oldest)
                return;
            if (entry.Answer is not null)
                Remove(node.Value, entry);
            node = next;
        }
    }

    private bool MakeRoom()
    {
        while (_entries.Count >= _options.IdempotencyEntries)
        {
            if (!RemoveOldestAnswer())
                return false;
        }

        return true;
    }

    private bool RemoveOldestAnswer()
    {
        for (var node = _order.First; node is not null; node = node.Next)
        {
            var entry = _entries[node.Value];
            if (entry.Answer is null)
                continue;
            Remove(node.Value, entry);
            return true;
        }

        return false;
    }

    private void Remove(string key, Entry entry)
    {
        _bytes -= entry.Answer?.Body.Length ?? 0;
        _entries.Remove(key);
        _order.Remove(entry.Place);
        entry.Done.TrySetResult();
    }

    private sealed class Entry(byte[] bodyHash, DateTimeOffset since, LinkedListNode<string> place)
    {
        public byte[] BodyHash { get; } = bodyHash;

        public DateTimeOffset Since { get; set; } = since;

        public LinkedListNode<string> Place { get; } = place;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public StoredAnswer? Answer { get; set; }
    }
}
