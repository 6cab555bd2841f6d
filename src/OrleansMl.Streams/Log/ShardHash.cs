namespace OrleansMl.Streams;

/// <summary>A hash of a key that is the same in every process and version: FNV-1a, 32 bits, over UTF-16 units, with a final mix.</summary>
public static class ShardHash
{
    public static uint Of(ReadOnlySpan<char> key)
    {
        var hash = 2166136261u;
        foreach (var unit in key)
        {
            hash = (hash ^ (byte)unit) * 16777619u;
            hash = (hash ^ (byte)(unit >> 8)) * 16777619u;
        }

        // FNV's low bits are weak for short keys, and shards are taken from the remainder.
        hash ^= hash >> 16;
        hash *= 0x85ebca6b;
        return hash ^ (hash >> 13);
    }
}
