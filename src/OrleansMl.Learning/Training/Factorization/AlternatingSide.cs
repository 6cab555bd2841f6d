namespace OrleansMl.Learning;

/// <summary>The users, or the items, of rows: who they are, which rows are theirs, and what is known of them.</summary>
internal sealed class AlternatingSide
{
    private readonly int[] _starts;
    private readonly int[] _rowsOf;

    /// <param name="rows">Two hashed columns.</param>
    /// <param name="position">0: the users; 1: the items.</param>
    /// <param name="tableSize">Places of the hashed table.</param>
    /// <param name="width">1 + F.</param>
    public AlternatingSide(TrainingRows rows, int position, int tableSize, int width)
    {
        var counts = new int[tableSize];
        for (var row = 0; row < rows.Count; row++)
            counts[rows.HashedIndices[(2 * row) + position]] += Occurs(rows, row, position) ? 1 : 0;
        Places = [.. Enumerable.Range(0, tableSize).Where(place => counts[place] > 0)];
        var numbers = new int[tableSize];
        _starts = new int[Places.Length + 1];
        for (var n = 0; n < Places.Length; n++)
        {
            numbers[Places[n]] = n;
            _starts[n + 1] = _starts[n] + counts[Places[n]];
        }

        NumberOf = new int[rows.Count];
        _rowsOf = new int[_starts[^1]];
        var next = _starts[..^1];
        for (var row = 0; row < rows.Count; row++)
        {
            NumberOf[row] = Occurs(rows, row, position) ? numbers[rows.HashedIndices[(2 * row) + position]] : -1;
            if (NumberOf[row] >= 0)
                _rowsOf[next[NumberOf[row]]++] = row;
        }

        (Width, Known) = (width, new double[Places.Length * width]);
    }

    /// <summary>[n]: places in the table, ascending.</summary>
    public int[] Places { get; }

    /// <summary>n.</summary>
    public int Count => Places.Length;

    /// <summary>[N]: whose row it is; −1 where that is missing.</summary>
    public int[] NumberOf { get; }

    /// <summary>1 + F.</summary>
    public int Width { get; }

    /// <summary>[n, 1 + F]: bias, then factors.</summary>
    public double[] Known { get; }

    /// <summary>Rows of one of them, ascending.</summary>
    public ReadOnlySpan<int> RowsOf(int number) => _rowsOf.AsSpan(_starts[number].._starts[number + 1]);

    /// <summary>What is known of whose row it is; empty where that is missing.</summary>
    public ReadOnlySpan<double> KnownAt(int row) => NumberOf[row] < 0 ? [] : KnownOf(NumberOf[row]);

    /// <summary>[1 + F].</summary>
    public Span<double> KnownOf(int number) => Known.AsSpan(number * Width, Width);

    private static bool Occurs(TrainingRows rows, int row, int position) => rows.HashedValues[(2 * row) + position] != 0;
}
