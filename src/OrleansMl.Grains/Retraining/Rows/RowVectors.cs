using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Learning;

namespace OrleansMl.Retraining;

/// <summary>A raw row as the vector that it was.</summary>
internal static class RowVectors
{
    /// <summary>In the model's column order.</summary>
    public static ImmutableArray<Scalar> Of(CompiledModel model, in Row row)
    {
        var vector = new Scalar[model.Schema.Columns.Length];
        for (var i = 0; i < vector.Length; i++)
        {
            var slot = model.Schema.SlotOf(i);
            vector[i] = model.Schema.Columns[i].Kind == ColumnKind.Categorical
                ? row.Categorical[slot] is { } text ? Scalar.Of(text) : Scalar.Missing
                : double.IsFinite(row.Numeric[slot]) ? Scalar.Of(row.Numeric[slot]) : Scalar.Missing;
        }

        return ImmutableArray.Create(vector);
    }
}
