namespace OrleansMl.Streams;

/// <summary>
/// How far a partition is done with: the highest offset below which every record that was taken is done, in whatever order
/// they finish. A position stored from it never passes over a record that is still on its way. Not thread-safe.
/// </summary>
public sealed class OffsetWatermark
{
    private readonly Queue<Entry> _taken = new();
    private readonly Dictionary<long, Entry> _open = [];
    private long _last = -1;

    /// <summary>Everything below is done with; -1: nothing has been taken.</summary>
    public long Next { get; private set; } = -1;

    /// <summary>Records taken and not done.</summary>
    public int Open => _open.Count;

    /// <summary>A record was read. Offsets rise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not above the last one.</exception>
    public void Take(long offset)
    {
        if (offset <= _last)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"Offsets rise; the last one taken was {_last}.");
        if (Next < 0)
            Next = offset;
        _last = offset;
        var entry = new Entry(offset);
        _taken.Enqueue(entry);
        _open.Add(offset, entry);
    }

    /// <summary>A record is done with; one that was done before or never taken changes nothing. True: the watermark has moved.</summary>
    public bool Complete(long offset)
    {
        if (!_open.Remove(offset, out var entry))
            return false;
        entry.IsDone = true;
        var before = Next;
        while (_taken.TryPeek(out var first) && first.IsDone)
        {
            _taken.Dequeue();
            Next = first.Offset + 1;
        }

        return Next != before;
    }

    private sealed class Entry(long offset)
    {
        public long Offset => offset;

        public bool IsDone { get; set; }
    }
}
