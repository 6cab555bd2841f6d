namespace OrleansMl.Learning;

/// <summary>The places of the hashed table that occur in rows, numbered from 0 by ascending place, and where each occurs.</summary>
internal sealed class HashedPlaces
{
    private readonly TrainingRows _rows;
    private readonly int[] _starts;
    private readonly int[] _entries;

    /// <param name="rows">A value of 0 is a missing feature: it does not occur.</param>
    /// <param name="tableSize">Places of the table.</param>
    public HashedPlaces(TrainingRows rows, int tableSize)
    {
        _rows = rows;
        var counts = new int[tableSize];
        for (var i = 0; i < rows.HashedIndices.Length; i++)
            counts[rows.HashedIndices[i]] += rows.HashedValues[i] == 0 ? 0 : 1;
        var places = new List<int>();
        for (var place = 0; place < tableSize; place++)
        {
            if (counts[place] > 0)
                places.Add(place);
        }

        Places = [.. places];
        var numbers = new int[tableSize];
        _starts = new int[Places.Length + 1];
        for (var p = 0; p < Places.Length; p++)
        {
            numbers[Places[p]] = p;
            _starts[p + 1] = _starts[p] + counts[Places[p]];
        }

        Numbers = new int[rows.HashedIndices.Length];
        _entries = new int[_starts[^1]];
        var next = _starts[..^1];
        for (var i = 0; i < rows.HashedIndices.Length; i++)
        {
            Numbers[i] = rows.HashedValues[i] == 0 ? -1 : numbers[rows.HashedIndices[i]];
            if (Numbers[i] >= 0)
                _entries[next[Numbers[i]]++] = i;
        }
    }

    /// <summary>[M], ascending.</summary>
    public int[] Places { get; }

    /// <summary>M.</summary>
    public int Count => Places.Length;

    /// <summary>[N, K]: the number of a feature's place; −1 where it is missing.</summary>
    public int[] Numbers { get; }

    /// <summary>Features of a place, as places in [N, K], by ascending row.</summary>
    public ReadOnlySpan<int> EntriesOf(int number) => _entries.AsSpan(_starts[number].._starts[number + 1]);

    /// <summary>Row of an entry.</summary>
    public int RowOf(int entry) => entry / _rows.HashedCount;
}
