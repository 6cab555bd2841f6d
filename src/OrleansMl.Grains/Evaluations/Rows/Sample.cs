namespace OrleansMl.Evaluations;

/// <summary>Of a stream, all items while they fit, then a uniform random sample (Vitter 1985, algorithm R): memory is bounded.</summary>
internal sealed class Sample<T>(int capacity, long seed)
{
    private readonly Random _random = new(unchecked((int)(seed ^ (seed >> 32))));

    public List<T> Items { get; } = [];

    /// <summary>Items that came.</summary>
    public long Seen { get; private set; }

    public bool IsSampled => Seen > Items.Count;

    public void Add(T item)
    {
        Seen++;
        if (Items.Count < capacity)
            Items.Add(item);
        else if (_random.NextInt64(Seen) is var place && place < capacity)
            Items[(int)place] = item;
    }
}
