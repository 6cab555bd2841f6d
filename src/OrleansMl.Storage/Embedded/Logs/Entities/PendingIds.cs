using System.Runtime.InteropServices;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>Hashes of the ids of one log's records that are not in pages yet, in the order of their sequences.</summary>
internal sealed class PendingIds
{
    /// <summary>A few are compared one by one, which is quicker than a look-up.</summary>
    private const int Few = 128;

    private readonly List<ulong> _hashes = [];
    private HashSet<ulong>? _set;

    public int Count => _hashes.Count;

    /// <summary>In the order of their sequences.</summary>
    public ReadOnlySpan<ulong> Hashes => CollectionsMarshal.AsSpan(_hashes);

    public bool Contains(ulong hash) => _set is { } set ? set.Contains(hash) : Hashes.Contains(hash);

    public void Add(ulong hash)
    {
        _hashes.Add(hash);
        if (_set is not null)
            _set.Add(hash);
        else if (_hashes.Count > Few)
            _set = [.. _hashes];
    }

    /// <summary>Takes back all but the first.</summary>
    public void Truncate(int count) => Remove(count, _hashes.Count - count);

    /// <summary>Lets go of the first: they are in pages.</summary>
    public void RemoveFirst(int count) => Remove(0, count);

    private void Remove(int from, int count)
    {
        if (count == 0)
            return;
        _hashes.RemoveRange(from, count);
        // An id may be there twice, with two revisions.
        _set = _hashes.Count > Few ? [.. _hashes] : null;
    }
}
