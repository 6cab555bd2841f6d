using System.Collections.Concurrent;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests;

/// <summary>The stream log, where deliveries can be lost and the ways around the stream closed, for single streams.</summary>
public sealed class FaultyStreamLog(IStreamLog inner) : IStreamLog
{
    /// <summary>What a queue's reader never sees: a stream's key and a sequence.</summary>
    public ConcurrentDictionary<(string Key, long Sequence), bool> Lost { get; } = new();

    /// <summary>Keys of streams that nobody is reminded of: what comes to their consumers comes by the stream.</summary>
    public ConcurrentDictionary<string, bool> Unswept { get; } = new();

    /// <summary>Keys of streams that cannot be read but by their queues.</summary>
    public ConcurrentDictionary<string, bool> Unreadable { get; } = new();

    public int Queues => inner.Queues;

    public ValueTask AppendAsync(IReadOnlyList<StreamAppend> records, CancellationToken cancellationToken = default) => inner.AppendAsync(records, cancellationToken);

    public async ValueTask<IReadOnlyList<StreamItem>> ReadAsync(int queue, long fromOffset, int limit, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        // A read of nothing but lost ones would count as none, so they are passed over.
        while (true)
        {
            var items = await inner.ReadAsync(queue, fromOffset, limit, wait, cancellationToken);
            var left = items.Where(i => !Lost.ContainsKey((i.Key, i.Sequence))).ToList();
            if (items.Count == 0 || left.Count > 0)
                return left;
            fromOffset = items[^1].Offset + 1;
        }
    }

    public ValueTask<IReadOnlyList<StreamItem>> ReadStreamAsync(string @namespace, string key, long afterSequence, int limit, CancellationToken cancellationToken = default) =>
        Unreadable.ContainsKey(key) ? throw new IOException("The log is away.") : inner.ReadStreamAsync(@namespace, key, afterSequence, limit, cancellationToken);

    public ValueTask<StreamQueueState> GetQueueAsync(int queue, CancellationToken cancellationToken = default) => inner.GetQueueAsync(queue, cancellationToken);

    public ValueTask<StreamKeyState> GetStreamAsync(string @namespace, string key, CancellationToken cancellationToken = default) => inner.GetStreamAsync(@namespace, key, cancellationToken);

    public async ValueTask<IReadOnlyList<StreamKeyState>> ListHeldAsync(string @namespace, CancellationToken cancellationToken = default) =>
        [.. (await inner.ListHeldAsync(@namespace, cancellationToken)).Where(s => !Unswept.ContainsKey(s.Key))];

    public ValueTask StorePositionAsync(int queue, long nextOffset, CancellationToken cancellationToken = default) => inner.StorePositionAsync(queue, nextOffset, cancellationToken);

    public ValueTask RewindAsync(int queue, long toOffset, CancellationToken cancellationToken = default) => inner.RewindAsync(queue, toOffset, cancellationToken);

    public ValueTask RewindAsync(int queue, DateTime toTime, CancellationToken cancellationToken = default) => inner.RewindAsync(queue, toTime, cancellationToken);

    public ValueTask ReleaseAsync(string @namespace, string key, long throughSequence, CancellationToken cancellationToken = default) => inner.ReleaseAsync(@namespace, key, throughSequence, cancellationToken);

    public ValueTask<long> TrimAsync(CancellationToken cancellationToken = default) => inner.TrimAsync(cancellationToken);
}
