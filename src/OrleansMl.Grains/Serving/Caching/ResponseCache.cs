using System.Collections.Concurrent;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>
/// Answers of models whose configuration enables <c>response_cache</c>: the same tensors to the same version, and the outputs of
/// the first run come again until their time is over. Bounded by bytes; what was used last stays.
/// </summary>
/// <param name="maxBytes">Bytes of outputs that are kept at most, of all models together.</param>
/// <param name="time">Clock of the answers' lives.</param>
internal sealed class ResponseCache(long maxBytes, TimeProvider time)
{
    /// <summary>What an entry costs beside its outputs, about.</summary>
    private const int Overhead = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<ResponseKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly ConcurrentDictionary<(string Model, int Version), CacheCounts> _counts = new();
    private long _bytes;

    /// <summary>Bytes that are kept now.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>What was found and what was not, of a version.</summary>
    public CacheStatistics StatisticsOf(string model, int version) => _counts.TryGetValue((model, version), out var counts) ? counts.Read() : default;

    /// <summary>Outputs that were kept for this request; null: none. Nobody may change them.</summary>
    public IReadOnlyList<Tensor>? Find(in ResponseKey key, string model, int version)
    {
        var started = time.GetTimestamp();
        IReadOnlyList<Tensor>? found = null;
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                if (time.GetElapsedTime(node.Value.Since) < node.Value.Life)
                {
                    _byUse.Remove(node);
                    _byUse.AddFirst(node);
                    found = node.Value.Outputs;
                }
                else
                {
                    Remove(node);
                }
            }
        }

        _counts.GetOrAdd((model, version), static _ => new CacheCounts()).Count(found is not null, time.GetElapsedTime(started));
        return found;
    }

    /// <summary>Keeps a copy of the outputs for a while.</summary>
    public void Keep(in ResponseKey key, IReadOnlyList<Tensor> outputs, TimeSpan life)
    {
        var size = Overhead + outputs.Sum(SizeOf);
        if (size > maxBytes)
            return;
        // Outputs of a batch share the memory of the whole of it.
        var entry = new Entry(key, [.. outputs.Select(t => t.Clone())], size, time.GetTimestamp(), life);
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var before))
                Remove(before);
            while (_bytes + size > maxBytes && _byUse.Last is { } last)
                Remove(last);
            _entries.Add(key, _byUse.AddFirst(entry));
            _bytes += size;
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= node.Value.Size;
    }

    private static long SizeOf(Tensor tensor)
    {
        long size = 64 + tensor.Data.Length + (8L * tensor.Shape.Length);
        foreach (var element in tensor.Elements.Span)
            size += 40 + element.Length;
        return size;
    }

    private sealed record Entry(ResponseKey Key, IReadOnlyList<Tensor> Outputs, long Size, long Since, TimeSpan Life);

    private sealed class CacheCounts
    {
        private DurationCount _hits;
        private DurationCount _misses;

        public void Count(bool isHit, TimeSpan duration)
        {
            lock (this)
            {
                if (isHit)
                    _hits = _hits.Plus(duration);
                else
                    _misses = _misses.Plus(duration);
            }
        }

        public CacheStatistics Read()
        {
            lock (this)
                return new CacheStatistics(_hits, _misses);
        }
    }
}

/// <summary>Look-ups of a version's requests among kept answers.</summary>
public readonly record struct CacheStatistics(DurationCount Hits, DurationCount Misses);
