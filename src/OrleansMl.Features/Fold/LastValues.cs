namespace OrleansMl.Features;

/// <summary>The newest values of a column whose rows are gone: by event time, then sequence.</summary>
internal sealed class LastValues(int limit)
{
    private readonly List<Entry> _newestFirst = [];

    /// <summary>Adds a value whose sequence is higher than that of any other at the same time.</summary>
    public void Add(long time, in FieldValue value)
    {
        var place = 0;
        while (place < _newestFirst.Count && _newestFirst[place].Time > time)
        {
            place++;
        }

        if (place == limit)
        {
            return;
        }

        if (_newestFirst.Count == limit)
        {
            _newestFirst.RemoveAt(limit - 1);
        }

        _newestFirst.Insert(place, new Entry(time, value));
    }

    /// <summary>The value so many back from the newest; false: there is none.</summary>
    public bool TryGet(int back, out Entry entry)
    {
        entry = back < _newestFirst.Count ? _newestFirst[back] : default;
        return back < _newestFirst.Count;
    }

    public void Save(ByteWriter writer)
    {
        writer.Varint((ulong)_newestFirst.Count);
        foreach (var entry in _newestFirst)
        {
            writer.Signed(entry.Time);
            writer.Value(entry.Value);
        }
    }

    public void Restore(ref ByteReader reader)
    {
        for (var left = reader.Count(leastBytes: 2); left > 0; left--)
        {
            _newestFirst.Add(new Entry(reader.Signed(), reader.Value()));
        }
    }

    internal readonly record struct Entry(long Time, FieldValue Value);
}
