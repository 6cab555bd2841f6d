using System.Runtime.InteropServices;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>Hashes of the ids of one log's records that are not in pages yet, in the order of their sequences.</summary>
internal sealed class PendingIds
{
    /// <summary>A few are compared one by one, which is quicker than a look-up.</summary>
    private const int Few = 128;

    private readonly List<ulong> _hashes = [];
    private Dictionary<ulong, int>? _counts;

    public int Count => _hashes.Count;

    /// <summary>In the order of their sequences.</summary>
    public ReadOnlySpan<ulong> Hashes => CollectionsMarshal.AsSpan(_hashes);

    public bool Contains(ulong hash) => _counts is { } counts ? counts.ContainsKey(hash) : Hashes.Contains(hash);

    public void Add(ulong hash)
    {
        _hashes.Add(hash);
        if (_counts is not null)
            Tally(hash);
        else if (_hashes.Count > Few)
            TallyAll();
    }

    /// <summary>Takes back all but the first.</summary>
    public void Truncate(int count) => Remove(count, _hashes.Count - count);

    /// <summary>Lets go of the first: they are in pages.</summary>
    public void RemoveFirst(int count) => Remove(0, count);

    private void Remove(int from, int count)
    {
        // Each by itself: a log of many pending records moves in many small pieces.
        if (_counts is not null)
        {
            foreach (var hash in Hashes.Slice(from, count))
            {
                ref var times = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, hash);
                if (--times == 0)
                    _counts.Remove(hash);
            }
        }

        _hashes.RemoveRange(from, count);
        if (_hashes.Count <= Few)
            _counts = null;
    }

    private void TallyAll()
    {
        _counts = [];
        foreach (var hash in _hashes)
            Tally(hash);
    }

    // An id may be there twice, with two revisions.
    private void Tally(ulong hash) => CollectionsMarshal.GetValueRefOrAddDefault(_counts!, hash, out _)++;
}
