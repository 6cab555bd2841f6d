namespace OrleansMl.Learning;

/// <summary>Rows in the order of a tree's leaves; within a leaf they keep their order.</summary>
internal sealed class RowPartition(int most, WorkThreads threads)
{
    private const int BlockRows = 32_768;

    private readonly int[] _rows = new int[most];
    private readonly int[] _right = new int[most];
    private readonly int[] _lefts = new int[(most + BlockRows - 1) / BlockRows];

    /// <summary>Rows in the partition.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<int> this[GrowingLeaf leaf] => _rows.AsSpan(leaf.Start, leaf.Count);

    public ReadOnlyMemory<int> RowsOf(GrowingLeaf leaf) => _rows.AsMemory(leaf.Start, leaf.Count);

    /// <summary>All rows in one leaf.</summary>
    public void Fill()
    {
        Count = most;
        for (var row = 0; row < most; row++)
            _rows[row] = row;
    }

    /// <summary>Each row with a probability.</summary>
    public void Draw(double probability, SeededDraw draw)
    {
        Count = 0;
        for (var row = 0; row < most; row++)
        {
            if (draw.Uniform() < probability)
                _rows[Count++] = row;
        }
    }

    /// <summary>Rows that are in the partition.</summary>
    public ReadOnlySpan<int> All => _rows.AsSpan(0, Count);

    /// <summary>Moves a leaf's rows apart by the bins of one column; those on the left are <paramref name="count"/>.</summary>
    public void Split(GrowingLeaf leaf, byte[] column, BinSet left, int count)
    {
        var goes = new byte[256];
        for (var bin = 0; bin < goes.Length; bin++)
            goes[bin] = left.Contains(bin) ? (byte)1 : (byte)0;
        threads.Blocks(leaf.Count, BlockRows, (from, to) => _lefts[from / BlockRows] = SplitBlock(leaf.Start + from, leaf.Start + to, column, goes));
        int lefts = leaf.Start, rights = leaf.Start + count;
        for (var from = 0; from < leaf.Count; from += BlockRows)
        {
            var here = _lefts[from / BlockRows];
            Array.Copy(_rows, leaf.Start + from, _rows, lefts, here);
            lefts += here;
        }

        for (var from = 0; from < leaf.Count; from += BlockRows)
        {
            var here = Math.Min(BlockRows, leaf.Count - from) - _lefts[from / BlockRows];
            Array.Copy(_right, leaf.Start + from, _rows, rights, here);
            rights += here;
        }
    }

    /// <summary>Closes up the rows of a block that go left in their place, and puts aside the others.</summary>
    private int SplitBlock(int from, int to, byte[] column, byte[] goes)
    {
        var (rows, right) = (_rows, _right);
        int left = from, other = from;
        for (var i = from; i < to; i++)
        {
            // Written on both sides, counted on one: no branch that cannot be foretold.
            var row = rows[i];
            rows[left] = row;
            right[other] = row;
            int one = goes[column[row]];
            left += one;
            other += 1 - one;
        }

        return left - from;
    }
}
