using System.Text;

namespace OrleansMl.Storage.Embedded.Streams;

/// <summary>Which queue a stream lies in. Asked once for each stream: afterwards the store knows.</summary>
internal static class StreamQueues
{
    public const int Most = 1_024;

    /// <summary>FNV-1a over the UTF-8 of namespace, NUL and key, its halves folded: the same in every process.</summary>
    public static int QueueOf(string @namespace, string key, int queues)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var b in Encoding.UTF8.GetBytes($"{@namespace}\0{key}"))
            hash = (hash ^ b) * 1_099_511_628_211UL;
        return (int)((hash ^ (hash >> 32)) % (uint)queues);
    }
}
