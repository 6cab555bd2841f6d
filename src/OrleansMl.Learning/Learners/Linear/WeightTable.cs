namespace OrleansMl.Learning;

/// <summary>2^bits weight slots in pages that are allocated when first learned, so that a large table costs what it holds.</summary>
internal sealed class WeightTable(int bits)
{
    private const int PageBits = 8;
    private const int PageSize = 1 << PageBits;

    private readonly WeightSlot[]?[] _pages = new WeightSlot[((1 << bits) + PageSize - 1) >> PageBits][];

    public int Size => 1 << bits;

    public double WeightAt(int index) => _pages[index >> PageBits] is { } page ? page[index & (PageSize - 1)].Weight : 0;

    public ref WeightSlot At(int index) => ref (_pages[index >> PageBits] ??= new WeightSlot[PageSize])[index & (PageSize - 1)];

    /// <summary>Slots that ever learned, by ascending index.</summary>
    public IEnumerable<(int Index, WeightSlot Slot)> Touched()
    {
        for (var page = 0; page < _pages.Length; page++)
        {
            if (_pages[page] is not { } slots)
                continue;
            for (var i = 0; i < slots.Length; i++)
            {
                if (!slots[i].IsUntouched)
                    yield return ((page << PageBits) + i, slots[i]);
            }
        }
    }

    public void Scale(double factor)
    {
        foreach (var page in _pages)
        {
            for (var i = 0; i < page?.Length; i++)
                page[i].Weight *= factor;
        }
    }
}
