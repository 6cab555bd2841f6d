using OrleansMl.Learning;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference;

/// <summary>
/// Rows of a hashed table in a graph: a table from place to row number, 4 bytes a place, and the learned rows alone. Row 0
/// stands for places never learned.
/// </summary>
internal static class HashedRows
{
    /// <summary>double [N, K, Width] for places [N, K].</summary>
    /// <param name="unseen">[Width]: row 0; null: zeros.</param>
    public static string Gather(GraphWriter graph, SparseRows rows, int hashBits, string indices, IEnumerable<double>? unseen = null)
    {
        var matrix = graph.Doubles((unseen ?? Enumerable.Repeat(0.0, rows.Width)).Concat(rows.Values), rows.Indices.Length + 1, rows.Width);
        return graph.Node("Gather", matrix, Numbers(graph, rows.Indices, hashBits, indices));
    }

    /// <summary>int32, of the shape of the places: 1 + position among <paramref name="learned"/>, or 0.</summary>
    /// <param name="learned">Ascending.</param>
    public static string Numbers(GraphWriter graph, IReadOnlyList<int> learned, int hashBits, string indices)
    {
        var table = new int[1 << hashBits];
        for (var i = 0; i < learned.Count; i++)
            table[learned[i]] = i + 1;
        return graph.Node("Gather", graph.Ints(table, table.Length), indices);
    }

    /// <summary>double [N, K, 1] of values [N, K].</summary>
    public static string Values(GraphWriter graph, string values) => graph.Unsqueeze(graph.Cast(values, DataType.Double), 2);
}
