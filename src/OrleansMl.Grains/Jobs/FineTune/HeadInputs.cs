using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using OrleansMl.Datasets;
using OrleansMl.Inference;
using OrleansMl.Jobs.BatchPredict;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.FineTune;

/// <summary>
/// Rows of a data set as numbers of a network's input, with their labels. The columns are those named in the job; else the one of the
/// input's name, or those of its name with <c>_0</c>, <c>_1</c>, …; else all but the label, in order. One may hold a list.
/// </summary>
internal sealed class HeadInputs(ImmutableArray<string> columns, int width, string label, ImmutableArray<string> classes, int known)
{
    /// <summary>The columns of a data set; an error names what is missing.</summary>
    public static OmlResult<ImmutableArray<string>> Columns(DatasetRecord dataset, FineTuneParams parameters, string input, long width)
    {
        var known = dataset.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        if (parameters.Columns.Prepend(parameters.Label).FirstOrDefault(name => !known.Contains(name)) is { } absent)
            return OmlError.Invalid($"Data set '{dataset.Id}' has no column '{absent}' (it has {List(known)}).", "unknown_column");
        ImmutableArray<string> columns =
            !parameters.Columns.IsEmpty ? parameters.Columns
            : known.Contains(input) ? [input]
            : known.Contains(input + "_0") ? [.. Enumerable.Range(0, known.Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{input}_{i}")).TakeWhile(known.Contains)]
            : [.. dataset.Columns.Select(column => column.Name).Where(name => name != parameters.Label)];
        return columns.Length == 1 || columns.Length == width
            ? columns
            : OmlError.Invalid($"Input '{input}' takes {width} numbers a row, and {columns.Length} columns of data set '{dataset.Id}' are for it ({List(columns)}); name the right ones in params.columns.", "wrong_columns");
    }

    /// <summary>Reads a row; false: it has no label.</summary>
    /// <param name="reader">Has read the row.</param>
    /// <param name="numbers">[D], written.</param>
    /// <param name="truth">The class or the value.</param>
    /// <exception cref="JobErrorException">A value is no number, or the label no class; with the line.</exception>
    public bool TryRead(RowReader reader, Span<float> numbers, out double truth)
    {
        var row = reader.ToRow();
        truth = 0;
        if (row[label].Kind == CellKind.Missing)
            return false;
        truth = Label(reader, row[label]);
        var at = 0;
        foreach (var column in columns)
        {
            var cell = row[column];
            if (cell.Kind != CellKind.List)
            {
                Put(reader, column, cell, numbers, ref at);
                continue;
            }

            foreach (var item in cell.Items)
                Put(reader, column, item, numbers, ref at);
        }

        return at == width ? true : throw Fault(reader, $"it has {at} numbers for an input of {width}");
    }

    private double Label(RowReader reader, Cell cell)
    {
        var text = TensorElements.TextOf(cell) ?? "";
        if (!classes.IsEmpty)
        {
            return classes.IndexOf(text) is >= 0 and var index
                ? index
                : throw Fault(reader, $"column '{label}' is '{text}', none of the classes ({List(classes)}); add it to params.classes");
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            throw Fault(reader, $"column '{label}' is '{text}', which is no number; name the classes in params.classes");
        return known == 0 || (number >= 0 && number < known && number == Math.Floor(number))
            ? number
            : throw Fault(reader, $"column '{label}' is {text}, and the network has the classes 0 to {known - 1}; name all of them, the new ones last, in params.classes");
    }

    private static void Put(RowReader reader, string column, Cell cell, Span<float> numbers, ref int at)
    {
        if (at == numbers.Length)
            throw Fault(reader, $"it has more than {numbers.Length} numbers for the input");
        if (TensorElements.Write(TensorType.Fp32, cell, MemoryMarshal.AsBytes(numbers.Slice(at, 1))) is { } wanted)
            throw Fault(reader, $"column '{column}' is '{TensorElements.TextOf(cell) ?? "an object"}'; the input takes {wanted}");
        if (!float.IsFinite(numbers[at++]))
            throw Fault(reader, $"column '{column}' {(cell.Kind == CellKind.Missing ? "has no value" : "is no finite number")}");
    }

    private static JobErrorException Fault(RowReader reader, string detail)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"Row {reader.Place.Row} (line {reader.Line}) cannot be learned: {detail}.");
        return new JobErrorException(new OmlError("row_failed", 422, text) { Faults = [new OmlFault("invalid_value", text) { Line = (int)Math.Min(reader.Line, int.MaxValue) }] });
    }

    private static string List(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(20)) + (all.Length > 20 ? $" and {all.Length - 20} more" : "");
    }
}
