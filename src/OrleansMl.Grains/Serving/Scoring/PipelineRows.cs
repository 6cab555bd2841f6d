using OrleansMl.Catalog;
using OrleansMl.Learning;

namespace OrleansMl.Serving;

/// <summary>From a vector in a model's column order to the raw row that a fitted pipeline takes.</summary>
internal static class PipelineRows
{
    /// <summary>
    /// The row in the pipeline's own order: an older version may have been fitted on columns that stood in another one.
    /// </summary>
    /// <exception cref="ScoringException">The model has lost a column that the pipeline was fitted on.</exception>
    public static Row Of(RowSchema schema, CompiledModel model, IReadOnlyList<Scalar> vector)
    {
        var numeric = new double[schema.NumericCount];
        var categorical = new string?[schema.CategoricalCount];
        for (var i = 0; i < schema.Columns.Length; i++)
        {
            var column = schema.Columns[i];
            var index = i < model.Schema.Columns.Length && model.Schema.Columns[i].Name == column.Name ? i : model.Schema.IndexOf(column.Name);
            if (index < 0)
                throw new ScoringException($"The version was fitted on the column '{column.Name}', which model '{model.Name}' does not have any more; serve a newer version.");
            if (column.Kind == ColumnKind.Numeric)
                numeric[schema.SlotOf(i)] = vector[index].AsNumber();
            else
                categorical[schema.SlotOf(i)] = vector[index].AsText();
        }

        return new Row(numeric, categorical);
    }
}
