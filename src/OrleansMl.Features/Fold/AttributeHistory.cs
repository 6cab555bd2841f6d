namespace OrleansMl.Features;

/// <summary>
/// One attribute: the last writer wins, by event time and then sequence. Earlier values stay as long as a read may ask
/// for them.
/// </summary>
internal sealed class AttributeHistory
{
    private readonly List<Entry> _entries = []; // ascending
    private bool _hasForgotten;

    /// <summary>A value set by a record whose sequence is higher than any before.</summary>
    public void Set(long time, in FieldValue value)
    {
        var place = CountThrough(time);
        if (place > 0 || !_hasForgotten)
        {
            _entries.Insert(place, new Entry(time, value));
        }
    }

    /// <summary>Drops what no read at or after <paramref name="time"/> can see.</summary>
    public void Forget(long time)
    {
        var hidden = CountThrough(time) - 1;
        if (hidden > 0)
        {
            _entries.RemoveRange(0, hidden);
            _hasForgotten = true;
        }
    }

    public bool CanRead(long at) => !_hasForgotten || at >= _entries[0].Time;

    public FeatureRead Read(long at)
    {
        var count = CountThrough(at);
        return count > 0 && !_entries[count - 1].Value.IsMissing
            ? new FeatureRead(_entries[count - 1].Value, FeatureReadStatus.Present, new DateTime(_entries[count - 1].Time, DateTimeKind.Utc), UsedDefault: false)
            : new FeatureRead(FieldValue.Missing, FeatureReadStatus.Missing, EventTime: null, UsedDefault: false);
    }

    public void Save(ByteWriter writer)
    {
        writer.Byte(_hasForgotten ? (byte)1 : (byte)0);
        writer.Varint((ulong)_entries.Count);
        foreach (var entry in _entries)
        {
            writer.Signed(entry.Time);
            writer.Value(entry.Value);
        }
    }

    public void Restore(ref ByteReader reader)
    {
        _hasForgotten = reader.Byte() != 0;
        for (var left = reader.Count(leastBytes: 2); left > 0; left--)
        {
            _entries.Add(new Entry(reader.Signed(), reader.Value()));
        }

        if (_hasForgotten && _entries.Count == 0)
        {
            throw reader.Malformed("an attribute has forgotten everything");
        }
    }

    private int CountThrough(long time)
    {
        var (low, high) = (0, _entries.Count);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_entries[middle].Time <= time)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private readonly record struct Entry(long Time, FieldValue Value);
}
