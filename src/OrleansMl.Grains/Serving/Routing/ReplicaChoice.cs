using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace OrleansMl.Serving;

/// <summary>Which replica a request goes to. Pure.</summary>
internal static class ReplicaChoice
{
    /// <summary>
    /// The power of two choices (Mitzenmacher, 2001): of two drawn at random the one with less to do. It comes close to the
    /// least busy of all, and silos that know the same old numbers do not all run to the same replica.
    /// </summary>
    /// <param name="loads">Of the replicas.</param>
    /// <param name="local">Place of the one in this silo, which needs no hop: a tie is its; below 0: none.</param>
    /// <param name="random">Draws.</param>
    public static int Pick(ReadOnlySpan<int> loads, int local, Random random)
    {
        if (loads.Length == 1)
            return 0;
        var first = random.Next(loads.Length);
        var second = random.Next(loads.Length - 1);
        if (second >= first)
            second++;
        if (loads[first] == loads[second])
            return second == local ? second : first;
        return loads[first] < loads[second] ? first : second;
    }

    /// <summary>
    /// Rendezvous hashing (Thaler and Ravishankar, 1998): all silos agree on who has a key, and when one leaves only its keys
    /// move.
    /// </summary>
    /// <param name="silos">Names of the silos.</param>
    /// <param name="key">What is to stay together.</param>
    public static int PickByKey(IReadOnlyList<string> silos, string key)
    {
        var (best, place) = (0UL, 0);
        for (var i = 0; i < silos.Count; i++)
        {
            var weight = XxHash3.HashToUInt64(MemoryMarshal.AsBytes($"{silos[i]}\n{key}".AsSpan()));
            if (i == 0 || weight > best)
                (best, place) = (weight, i);
        }

        return place;
    }
}
