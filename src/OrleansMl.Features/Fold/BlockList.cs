namespace OrleansMl.Features;

/// <summary>Rows of one source, ascending by event time and then sequence, in blocks with accumulators.</summary>
internal sealed class BlockList(int columns, int blockRows, bool hasIds)
{
    private readonly List<Block> _blocks = [];
    private bool _isOpen;

    public int Rows { get; private set; }

    public IReadOnlyList<Block> Blocks => _blocks;

    public Block this[int block] => _blocks[block];

    public int Count => _blocks.Count;

    public bool IsEmpty => _blocks.Count == 0;

    public long LastTime => _blocks[^1].LastTime;

    public RowPosition Start => default;

    public RowPosition End => new(_blocks.Count, 0);

    /// <summary>Position of the first row after <paramref name="time"/>.</summary>
    public RowPosition UpperBound(long time)
    {
        if (_blocks.Count == 0 || time >= LastTime)
        {
            return End;
        }

        var (low, high) = (0, _blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_blocks[middle].LastTime <= time)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return new RowPosition(low, _blocks[low].UpperBound(time));
    }

    /// <summary>Adds a row whose sequence is higher than any before, after the rows of the same time.</summary>
    public void Add(long time, long sequence, ReadOnlySpan<FieldValue> cells, string? id)
    {
        Rows++;
        var (b, row) = UpperBound(time);
        if (b == _blocks.Count)
        {
            if (b == 0 || _blocks[^1].IsFull)
            {
                _blocks.Add(new Block(columns, blockRows, hasIds));
            }

            b = _blocks.Count - 1;
            row = _blocks[b].Count;
        }
        else if (_blocks[b].IsFull)
        {
            _blocks.Insert(b + 1, _blocks[b].Split());
            if (row > _blocks[b].Count)
            {
                row -= _blocks[b].Count;
                b++;
            }
        }

        _blocks[b].Insert(row, time, sequence, cells, id);
    }

    /// <summary>Adds a row at the end as it was stored, filling the block that is open.</summary>
    public void Append(long time, long sequence, ReadOnlySpan<FieldValue> cells, string? id)
    {
        if (!_isOpen || _blocks[^1].IsFull)
        {
            _blocks.Add(new Block(columns, blockRows, hasIds));
            _isOpen = true;
        }

        Rows++;
        _blocks[^1].Insert(_blocks[^1].Count, time, sequence, cells, id);
    }

    /// <summary>The next row that is appended begins a new block.</summary>
    public void CloseBlock() => _isOpen = false;

    /// <summary>Finds the row of a time and sequence.</summary>
    public RowPosition Find(long time, long sequence)
    {
        for (var (b, row) = UpperBound(time - 1); b < _blocks.Count; b++, row = 0)
        {
            for (; row < _blocks[b].Count; row++)
            {
                if (_blocks[b].Sequence(row) == sequence)
                {
                    return new RowPosition(b, row);
                }
            }
        }

        throw new InvalidOperationException($"No row has sequence {sequence} at tick {time}.");
    }

    public void RemoveAt(RowPosition place)
    {
        Rows--;
        if (_blocks[place.Block].Count == 1)
        {
            _blocks.RemoveAt(place.Block);
        }
        else
        {
            _blocks[place.Block].Remove(place.Row);
        }
    }

    /// <summary>
    /// How many blocks from the front can go, so that all their rows are at or before <paramref name="time"/>, no row of the
    /// same time stays behind, and at least <paramref name="least"/> rows stay.
    /// </summary>
    public int CountBlocksThrough(long time, int least)
    {
        var (found, rows) = (0, 0);
        for (var b = 0; b < _blocks.Count && _blocks[b].LastTime <= time; b++)
        {
            rows += _blocks[b].Count;
            if (Rows - rows < least)
            {
                break;
            }

            if (b + 1 == _blocks.Count || _blocks[b + 1].FirstTime > _blocks[b].LastTime)
            {
                found = b + 1;
            }
        }

        return found;
    }

    public void RemoveFirst(int blocks)
    {
        for (var b = 0; b < blocks; b++)
        {
            Rows -= _blocks[b].Count;
        }

        _blocks.RemoveRange(0, blocks);
    }

    /// <summary>Number of rows from one position to another.</summary>
    public long CountRows(RowPosition from, RowPosition to)
    {
        if (from == Start && to == End)
        {
            return Rows;
        }

        long rows = to.Row - from.Row;
        for (var b = from.Block; b < to.Block; b++)
        {
            rows += _blocks[b].Count;
        }

        return rows;
    }

    /// <summary>Adds the values of a column from one position to another to an accumulator.</summary>
    public void Accumulate(RowPosition from, RowPosition to, int column, ref Accumulator into)
    {
        var row = from.Row;
        for (var b = from.Block; b < to.Block; b++, row = 0)
        {
            var block = _blocks[b];
            if (row == 0)
            {
                into.Merge(block.Total(column));
            }
            else
            {
                AccumulateRows(block, row, block.Count, column, ref into);
            }
        }

        if (to.Row > row)
        {
            AccumulateRows(_blocks[to.Block], row, to.Row, column, ref into);
        }
    }

    /// <summary>
    /// Goes back from a position to the <paramref name="skip"/>-th contribution of a column (0 the newest), not before
    /// <paramref name="start"/>. Not found: <paramref name="skip"/> is what is left to skip before it.
    /// </summary>
    public bool TryFindBack(RowPosition from, RowPosition start, int column, bool numeric, ref int skip, out RowPosition found)
    {
        for (var (b, row) = from; b >= start.Block; b--)
        {
            if (b == _blocks.Count)
            {
                row = 0;
            }
            else if (b != from.Block)
            {
                row = _blocks[b].Count;
            }

            var least = b == start.Block ? start.Row : 0;
            if (row > least && row == _blocks[b].Count && least == 0 && Contributions(_blocks[b], column, numeric) is var all && all <= skip)
            {
                skip -= (int)all;
                continue;
            }

            while (--row >= least)
            {
                if (column >= 0 && !Contributes(_blocks[b].Cell(row, column), numeric))
                {
                    continue;
                }

                if (skip == 0)
                {
                    found = new RowPosition(b, row);
                    return true;
                }

                skip--;
            }
        }

        found = default;
        return false;
    }

    internal static bool Contributes(in FieldValue value, bool numeric) => numeric ? value.IsNumeric : !value.IsMissing;

    private static long Contributions(Block block, int column, bool numeric) =>
        column < 0 ? block.Count : numeric ? block.Total(column).Numeric : block.Total(column).Present;

    private static void AccumulateRows(Block block, int from, int to, int column, ref Accumulator into)
    {
        for (var row = from; row < to; row++)
        {
            into.Add(block.Cell(row, column));
        }
    }
}
