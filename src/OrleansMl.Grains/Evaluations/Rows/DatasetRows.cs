using System.Globalization;
using System.Runtime.CompilerServices;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Declaration;
using OrleansMl.Jobs;
using OrleansMl.Jobs.BatchPredict;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Evaluations;

/// <summary>
/// Rows of a data set that hold the columns of the model's vector by their names, and the truth. Nothing is read of entities and nothing
/// is logged. The truth of a row counts as known before the next row.
/// </summary>
/// <param name="model">Whose columns are read.</param>
/// <param name="label">Column with the truth; null: none is asked for, and the label of all rows is 0.</param>
/// <param name="dataset">What is read.</param>
/// <param name="datasets">Where it lies.</param>
/// <param name="maxRowBytes">Of one row.</param>
/// <param name="beside">Columns with times and a weight; null: none.</param>
internal sealed class DatasetRows(CompiledModel model, string? label, DatasetRecord dataset, IDatasetStore datasets, int maxRowBytes, RowColumns? beside = null) : IRowSource
{
    private const int PageRows = 500;

    private readonly Dictionary<string, long> _skipped = new(StringComparer.Ordinal);
    private double _fraction;

    public IReadOnlyDictionary<string, long> Skipped => _skipped;

    public IReadOnlyList<string> Warnings =>
        Absent(model, dataset) is { Length: > 0 } absent ? [$"Data set '{dataset.Id}' lacks these columns of the model, which count as missing: {string.Join(", ", absent)}."] : [];

    public double? Fraction => _fraction;

    /// <summary>Why the data set cannot be used; null: it can.</summary>
    public static OmlError? WhyNot(CompiledModel model, string label, DatasetRecord dataset)
    {
        var known = string.Join(", ", dataset.Columns.Select(c => c.Name));
        if (!dataset.Columns.Any(c => c.Name == label))
            return OmlError.Invalid($"Data set '{dataset.Id}' has no column '{label}' with the truth (it has {known}); name it in label.", "unknown_column");
        return Absent(model, dataset).Length == model.Definition.Columns.Length
            ? OmlError.Invalid($"Data set '{dataset.Id}' has none of the columns of model '{model.Name}' ({string.Join(", ", model.Definition.Columns.Select(c => c.Name))}); it has {known}.", "unknown_column")
            : null;
    }

    public async IAsyncEnumerable<IReadOnlyList<SourceRow>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var time = DateTime.UnixEpoch;
        using var reader = await RowReader.OpenAsync(datasets, dataset, maxRowBytes, cancellationToken);
        var rows = new List<SourceRow>(PageRows);
        while (await reader.NextAsync(cancellationToken))
        {
            var values = reader.ToRow();
            if (LabelOf(values, reader) is { } known)
            {
                rows.Add(Beside(new SourceRow([.. model.Definition.Columns.Select(column => ToScalar(column, values, reader))], known, time, time, null), values, reader));
                time = time.AddTicks(1);
            }
            else
            {
                _skipped["withoutLabel"] = _skipped.GetValueOrDefault("withoutLabel") + 1;
            }

            if (rows.Count < PageRows)
                continue;
            _fraction = (double)reader.Place.Offset / dataset.Bytes;
            yield return rows;
            rows = new List<SourceRow>(PageRows);
        }

        _fraction = 1;
        yield return rows;
    }

    /// <summary>Null: the row has none.</summary>
    private double? LabelOf(DataRow values, RowReader reader)
    {
        if (label is null)
            return 0;
        if (ToScalar(values[label]) is not { IsMissing: false } truth)
            return null;
        return model.Target!.ToLabel(truth, out var why) ?? throw Fault(reader, $"column '{label}': {why}");
    }

    private static string[] Absent(CompiledModel model, DatasetRecord dataset) =>
        [.. model.Definition.Columns.Select(c => c.Name).Except(dataset.Columns.Select(c => c.Name))];

    /// <summary>The row with its times and its weight, where columns say them.</summary>
    private SourceRow Beside(SourceRow row, DataRow values, RowReader reader)
    {
        if (beside is null)
            return row;
        if (TimeOf(beside.Made) is { } made)
            row = row with { Made = made, Known = made };
        if (TimeOf(beside.Known) is { } known)
            row = row with { Known = known };
        if (beside.Weight is not { } name)
            return row;
        var weight = ToScalar(values[name]).AsNumber();
        return weight > 0 ? row with { Weight = weight } : throw Fault(reader, $"column '{name}' is the weight and is {ToScalar(values[name])}; give a number above 0");

        DateTime? TimeOf(string? column) => column is null || values[column].Kind == CellKind.Missing
            ? null
            : Rfc3339.TryParse(values[column].Text, out var time) ? time : throw Fault(reader, $"column '{column}' is '{values[column].Text}', which is no time; give RFC 3339");
    }

    private static Scalar ToScalar(ColumnDefinition column, DataRow values, RowReader reader)
    {
        var cell = values[column.Name];
        if (cell.Kind == CellKind.Missing)
            return Scalar.Missing;
        return EntityScorer.ToScalar(new FieldDefinition { Name = column.Name, Type = column.Type }, cell).TryGet(out var scalar, out var error) ? scalar : throw Fault(reader, error.Detail);
    }

    /// <summary>A truth: a number or a truth value where it reads as one, else the name of a class.</summary>
    private Scalar ToScalar(Cell cell) => cell.Kind switch
    {
        CellKind.Missing => Scalar.Missing,
        CellKind.Number or CellKind.Single => Scalar.Of(cell.Number),
        CellKind.Bool => Scalar.Of(cell.Number != 0),
        CellKind.Raw when !model.Target!.Classes.Contains(cell.Text!) && double.TryParse(cell.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => Scalar.Of(number),
        CellKind.Raw when !model.Target!.Classes.Contains(cell.Text!) && cell.Text is "true" or "false" => Scalar.Of(cell.Text == "true"),
        _ => Scalar.Of(cell.Text ?? ""),
    };

    private static JobErrorException Fault(RowReader reader, string detail)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"Row {reader.Place.Row} (line {reader.Line}) cannot be used: {detail}");
        return new JobErrorException(new OmlError("row_failed", 422, text) { Faults = [new OmlFault("invalid_value", text) { Line = (int)Math.Min(reader.Line, int.MaxValue) }] });
    }
}
