namespace OrleansMl.Features;

/// <summary>Up to a fixed number of rows, ascending by event time and then sequence, with an accumulator per column.</summary>
internal sealed class Block(int columns, int limit, bool hasIds)
{
    private const int LeastCapacity = 4;

    private long[] _times = new long[LeastCapacity];
    private long[] _sequences = new long[LeastCapacity];
    private FieldValue[] _cells = new FieldValue[LeastCapacity * columns]; // row by row
    private string[]? _ids = hasIds ? new string[LeastCapacity] : null;
    private readonly Accumulator[] _accumulators = Empty(columns);

    public int Count { get; private set; }

    public bool IsFull => Count == limit;

    public long FirstTime => _times[0];

    public long LastTime => _times[Count - 1];

    public long Time(int row) => _times[row];

    public long Sequence(int row) => _sequences[row];

    public string Id(int row) => _ids![row];

    public ref readonly FieldValue Cell(int row, int column) => ref _cells[(row * columns) + column];

    public ReadOnlySpan<FieldValue> Row(int row) => _cells.AsSpan(row * columns, columns);

    public ref readonly Accumulator Total(int column) => ref _accumulators[column];

    /// <summary>Number of rows at or before <paramref name="time"/>.</summary>
    public int UpperBound(long time)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_times[middle] <= time)
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

    public void Insert(int row, long time, long sequence, ReadOnlySpan<FieldValue> cells, string? id)
    {
        EnsureCapacity();
        var tail = Count - row;
        if (tail > 0)
        {
            Array.Copy(_times, row, _times, row + 1, tail);
            Array.Copy(_sequences, row, _sequences, row + 1, tail);
            Array.Copy(_cells, row * columns, _cells, (row + 1) * columns, tail * columns);
            if (_ids is not null)
            {
                Array.Copy(_ids, row, _ids, row + 1, tail);
            }
        }

        _times[row] = time;
        _sequences[row] = sequence;
        cells.CopyTo(_cells.AsSpan(row * columns, columns));
        if (_ids is not null)
        {
            _ids[row] = id!;
        }

        Count++;
        for (var c = 0; c < columns; c++)
        {
            _accumulators[c].Add(cells[c]);
        }
    }

    public void Remove(int row)
    {
        var tail = Count - row - 1;
        Array.Copy(_times, row + 1, _times, row, tail);
        Array.Copy(_sequences, row + 1, _sequences, row, tail);
        Array.Copy(_cells, (row + 1) * columns, _cells, row * columns, tail * columns);
        if (_ids is not null)
        {
            Array.Copy(_ids, row + 1, _ids, row, tail);
        }

        Truncate(Count - 1);
    }

    /// <summary>Moves the later half to a new block.</summary>
    public Block Split()
    {
        var half = Count / 2;
        var later = new Block(columns, limit, _ids is not null);
        for (var row = half; row < Count; row++)
        {
            later.Insert(row - half, _times[row], _sequences[row], Row(row), _ids?[row]);
        }

        Truncate(half);
        return later;
    }

    private void Truncate(int count)
    {
        Array.Clear(_cells, count * columns, (Count - count) * columns);
        if (_ids is not null)
        {
            Array.Clear(_ids, count, Count - count);
        }

        Count = count;
        for (var c = 0; c < columns; c++)
        {
            var total = new Accumulator();
            for (var row = 0; row < count; row++)
            {
                total.Add(Cell(row, c));
            }

            _accumulators[c] = total;
        }
    }

    private void EnsureCapacity()
    {
        if (Count < _times.Length)
        {
            return;
        }

        var capacity = Math.Min(limit, _times.Length * 2);
        Array.Resize(ref _times, capacity);
        Array.Resize(ref _sequences, capacity);
        Array.Resize(ref _cells, capacity * columns);
        if (_ids is not null)
        {
            Array.Resize(ref _ids, capacity);
        }
    }

    private static Accumulator[] Empty(int columns)
    {
        var empty = new Accumulator[columns];
        Array.Fill(empty, new Accumulator());
        return empty;
    }
}
