namespace OrleansMl.Learning;

/// <summary>
/// 2^bits rows of <paramref name="width"/> elements, in pages that are allocated when first learned, so that a large table
/// costs what it holds. Rows come back by ascending index, whatever the order in which they were learned.
/// </summary>
internal sealed class PagedTable<T>(int bits, int width)
    where T : struct
{
    private const int PageBits = 6;
    private const int PageRows = 1 << PageBits;
    private const int InPage = PageRows - 1;

    private readonly T[]?[] _pages = new T[]?[((1 << bits) + InPage) >> PageBits];

    /// <summary>A bit for each row that was learned.</summary>
    private readonly ulong[] _held = new ulong[((1 << bits) + InPage) >> PageBits];

    public int Size => 1 << bits;

    /// <summary>Rows that were learned.</summary>
    public int Count { get; private set; }

    /// <summary>The row to read; empty when it was never learned.</summary>
    public ReadOnlySpan<T> Find(int index)
        => (_held[index >> PageBits] >> (index & InPage) & 1) != 0 ? _pages[index >> PageBits].AsSpan((index & InPage) * width, width) : [];

    /// <summary>The row to write; made, with nothing in it, when it was never learned.</summary>
    /// <param name="index">In [0, <see cref="Size"/>).</param>
    /// <param name="isNew">It was made.</param>
    public Span<T> Touch(int index, out bool isNew)
    {
        var page = _pages[index >> PageBits] ??= new T[PageRows * width];
        isNew = Take(index);
        return page.AsSpan((index & InPage) * width, width);
    }

    /// <summary>The row to read without asking whether it was learned: then it holds nothing, or is empty.</summary>
    public ReadOnlySpan<T> Peek(int index)
        => _pages[index >> PageBits] is { } page ? page.AsSpan((index & InPage) * width, width) : [];

    /// <summary>The only element of a row to read, in tables of width 1; default when it was never learned.</summary>
    public T Read(int index) => _pages[index >> PageBits] is { } page ? page[index & InPage] : default;

    /// <summary>The only element of a row to write, in tables of width 1.</summary>
    public ref T At(int index)
    {
        var page = _pages[index >> PageBits] ??= new T[PageRows];
        Take(index);
        return ref page[index & InPage];
    }

    /// <summary>The only element of a row that <see cref="At"/> gave before, in tables of width 1.</summary>
    public ref T Known(int index) => ref _pages[index >> PageBits]![index & InPage];

    /// <summary>Indices that were learned, ascending.</summary>
    public IEnumerable<int> Indices()
    {
        for (var page = 0; page < _held.Length; page++)
        {
            for (var row = 0; _held[page] != 0 && row < PageRows; row++)
            {
                if ((_held[page] >> row & 1) != 0)
                    yield return (page << PageBits) + row;
            }
        }
    }

    /// <summary>Writes the learned rows by ascending index, and −1.</summary>
    public void Write(BinaryWriter writer, Action<BinaryWriter, T> element)
    {
        foreach (var index in Indices())
        {
            writer.Write(index);
            foreach (var value in Find(index))
                element(writer, value);
        }

        writer.Write(-1);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="LearnerException">An index outside the table.</exception>
    public void Read(BinaryReader reader, Func<BinaryReader, T> element)
    {
        for (var index = reader.ReadInt32(); index >= 0; index = reader.ReadInt32())
        {
            if (index >= Size)
                throw new LearnerException($"The saved state has place {index} in a table of {Size}.");
            foreach (ref var value in Touch(index, out _))
                value = element(reader);
        }
    }

    private bool Take(int index)
    {
        ref var held = ref _held[index >> PageBits];
        var bit = 1UL << (index & InPage);
        if ((held & bit) != 0)
            return false;
        held |= bit;
        Count++;
        return true;
    }
}
