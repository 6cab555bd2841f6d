namespace OrleansMl.Streams;

/// <summary>
/// How far a partition is done with: the highest offset below which every record that was taken is done, in whatever order
/// they finish. A position stored from it never passes over a record that is still on its way. Not thread-safe.
/// </summary>
public sealed class OffsetWatermark
{
    private const int FirstSize = 64;

    // What was taken and not passed, rising, in a ring whose size is a power of two; one that is done stands as its complement.
    // An object and a place in a table for each record would be most of what a partition leaves to the garbage collector.
    private long[] _ring = new long[FirstSize];
    private int _head;
    private int _count;
    private long _last = -1;

    /// <summary>Everything below is done with; -1: nothing has been taken.</summary>
    public long Next { get; private set; } = -1;

    /// <summary>Records taken and not done.</summary>
    public int Open { get; private set; }

    /// <summary>A record was read. Offsets rise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not above the last one.</exception>
    public void Take(long offset)
    {
        if (offset <= _last)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"Offsets rise; the last one taken was {_last}.");
        if (Next < 0)
            Next = offset;
        _last = offset;
        if (_count == _ring.Length)
            Grow();
        At(_count++) = offset;
        Open++;
    }

    /// <summary>A record is done with; one that was done before or never taken changes nothing. True: the watermark has moved.</summary>
    public bool Complete(long offset)
    {
        var place = Find(offset);
        if (place < 0 || At(place) < 0)
            return false;
        At(place) = ~offset;
        Open--;
        var before = Next;
        for (; _count > 0 && At(0) is < 0 and var done; _count--)
        {
            Next = ~done + 1;
            _head = (_head + 1) & (_ring.Length - 1);
        }

        return Next != before;
    }

    private ref long At(int place) => ref _ring[(_head + place) & (_ring.Length - 1)];

    private long OffsetAt(int place) => At(place) is var stored && stored < 0 ? ~stored : stored;

    /// <summary>Where an offset stands, counted from the head; below 0: nowhere.</summary>
    private int Find(long offset)
    {
        if (_count == 0 || offset < OffsetAt(0) || offset > _last)
            return -1;

        // Without gaps it stands as far from the head as its number says; each gap brings it nearer.
        var (low, high) = (0, (int)Math.Min(offset - OffsetAt(0), _count - 1));
        if (OffsetAt(high) == offset)
            return high;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = OffsetAt(middle);
            if (found == offset)
                return middle;
            if (found < offset)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }

    private void Grow()
    {
        var ring = new long[_ring.Length * 2];
        for (var i = 0; i < _count; i++)
            ring[i] = At(i);
        (_ring, _head) = (ring, 0);
    }
}
