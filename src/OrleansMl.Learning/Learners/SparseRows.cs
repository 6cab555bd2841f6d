using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Rows of a hashed table that were learned, packed: the form in which models hold them.</summary>
/// <param name="Indices">[n], ascending.</param>
/// <param name="Values">[n, Width], row-major.</param>
/// <param name="Width">Numbers per row.</param>
public sealed record SparseRows(ImmutableArray<int> Indices, ImmutableArray<double> Values, int Width)
{
    /// <summary>No rows.</summary>
    public static SparseRows Empty(int width) => new([], [], width);

    /// <summary>The row; empty when it was never learned.</summary>
    public ReadOnlySpan<double> Find(int index)
    {
        var place = Indices.BinarySearch(index);
        return place < 0 ? [] : Values.AsSpan(place * Width, Width);
    }

    /// <summary>Packs the learned rows of a table.</summary>
    /// <param name="table">Null: no rows.</param>
    /// <param name="width">Numbers per packed row.</param>
    /// <param name="pack">Writes one packed row from one row of the table.</param>
    internal static SparseRows Of<T>(PagedTable<T>? table, int width, Packing<T> pack)
        where T : struct
    {
        if (table is null)
            return Empty(width);
        var indices = ImmutableArray.CreateBuilder<int>(table.Count);
        var values = new double[table.Count * width];
        foreach (var index in table.Indices())
        {
            pack(table.Find(index), values.AsSpan(indices.Count * width, width));
            indices.Add(index);
        }

        return new SparseRows(indices.MoveToImmutable(), ImmutableArray.Create(values), width);
    }

    internal delegate void Packing<T>(ReadOnlySpan<T> row, Span<double> packed);
}
