using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansMl.Datasets;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>Writes rows of a result: number, what is kept of the data set, the scorer's columns, an error where there is one.</summary>
internal abstract class ResultWriter(ImmutableArray<string> keep, ImmutableArray<ResultColumn> columns)
{
    protected ArrayBufferWriter<byte> Buffer { get; } = new(1 << 16);

    protected ImmutableArray<string> Keep { get; } = keep;

    protected ImmutableArray<ResultColumn> Columns { get; } = columns;

    public static ResultWriter Of(string format, ImmutableArray<string> keep, ImmutableArray<ResultColumn> columns) =>
        format == DatasetFormats.Csv ? new CsvResultWriter(keep, columns) : new NdjsonResultWriter(keep, columns);

    /// <summary>Names of the result's columns, or of the members of its rows.</summary>
    protected abstract IEnumerable<string> Names { get; }

    /// <summary>Why the result cannot be read back by its names; null: it can.</summary>
    public string? WhyNot()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Names.FirstOrDefault(name => !seen.Add(name)) is { } twice
            ? $"The result would have two columns '{twice}'; leave it out of params.keep, or ask for the other format."
            : null;
    }

    /// <summary>What stands before the first row.</summary>
    public abstract void WriteHeader();

    public abstract void Write(NumberedRow row, RowResult result);

    /// <summary>Moves what was written to a stream; answers with its length.</summary>
    public int Flush(Stream to)
    {
        var length = Buffer.WrittenCount;
        to.Write(Buffer.WrittenSpan);
        Buffer.ResetWrittenCount();
        return length;
    }
}

/// <summary>An object on each line.</summary>
internal sealed class NdjsonResultWriter : ResultWriter
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Utf8JsonWriter _json;

    public NdjsonResultWriter(ImmutableArray<string> keep, ImmutableArray<ResultColumn> columns)
        : base(keep, columns) => _json = new Utf8JsonWriter(Buffer, s_options);

    protected override IEnumerable<string> Names => ["row", .. Keep, .. Columns.Select(c => c.Group ?? c.Name).Distinct(), "error"];

    public override void WriteHeader()
    {
    }

    public override void Write(NumberedRow row, RowResult result)
    {
        _json.Reset(Buffer);
        _json.WriteStartObject();
        _json.WriteNumber("row"u8, row.Number);
        foreach (var name in Keep)
        {
            _json.WritePropertyName(name);
            WriteValue(_json, row.Values[name]);
        }

        if (result.Error is { } error)
        {
            _json.WriteStartObject("error"u8);
            _json.WriteString("code"u8, error.Code);
            _json.WriteString("detail"u8, error.Detail);
            _json.WriteEndObject();
        }
        else
        {
            WriteColumns(result.Values!);
        }

        _json.WriteEndObject();
        _json.Flush();
        Buffer.Write("\n"u8);
    }

    private void WriteColumns(Cell[] values)
    {
        string? group = null;
        for (var i = 0; i < values.Length; i++)
        {
            if (Columns[i].Group != group)
            {
                if (group is not null)
                    _json.WriteEndObject();
                if ((group = Columns[i].Group) is not null)
                    _json.WriteStartObject(group);
            }

            _json.WritePropertyName(Columns[i].Name);
            WriteValue(_json, values[i]);
        }

        if (group is not null)
            _json.WriteEndObject();
    }

    /// <summary>A value as JSON has it.</summary>
    internal static void WriteValue(Utf8JsonWriter json, Cell cell)
    {
        switch (cell.Kind)
        {
            case CellKind.Raw or CellKind.Text:
                json.WriteStringValue(cell.Text);
                break;
            case CellKind.Digits:
                json.WriteRawValue(cell.Text!, skipInputValidation: true);
                break;
            case CellKind.Bool:
                json.WriteBooleanValue(cell.Number != 0);
                break;
            // JSON has no NaN and no infinity.
            case CellKind.Single when double.IsFinite(cell.Number):
                json.WriteNumberValue((float)cell.Number);
                break;
            case CellKind.Number when double.IsFinite(cell.Number):
                json.WriteNumberValue(cell.Number);
                break;
            case CellKind.List:
                json.WriteStartArray();
                foreach (var item in cell.Items)
                    WriteValue(json, item);
                json.WriteEndArray();
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }
}

/// <summary>CSV with a header; a list of a width that the model states has a column for each number.</summary>
internal sealed class CsvResultWriter(ImmutableArray<string> keep, ImmutableArray<ResultColumn> columns) : ResultWriter(keep, columns)
{
    protected override IEnumerable<string> Names => ["row", .. Keep, .. Columns.SelectMany(NamesOf), "error"];

    public override void WriteHeader()
    {
        var isFirst = true;
        foreach (var name in Names)
        {
            if (!isFirst)
                Append(",");
            AppendText(name);
            isFirst = false;
        }

        Append("\n");
    }

    public override void Write(NumberedRow row, RowResult result)
    {
        Append(row.Number.ToString(CultureInfo.InvariantCulture));
        foreach (var name in Keep)
            AppendCell(TextOf(row.Values[name]));
        for (var i = 0; i < Columns.Length; i++)
        {
            var cell = result.Values is { } values ? values[i] : Cell.Missing;
            if (Columns[i].Width <= 1)
            {
                AppendCell(TextOf(cell));
                continue;
            }

            for (var item = 0; item < Columns[i].Width; item++)
                AppendCell(item < cell.Items.Count ? TextOf(cell.Items[item]) : "");
        }

        AppendCell(result.Error is { } error ? $"{error.Code}: {error.Detail}" : "");
        Append("\n");
    }

    /// <summary>A value as a cell, before quotes.</summary>
    internal static string TextOf(Cell cell) => cell.Kind switch
    {
        CellKind.Raw or CellKind.Text or CellKind.Digits => cell.Text!,
        CellKind.Bool => cell.Number != 0 ? "true" : "false",
        CellKind.Single => ((float)cell.Number).ToString("R", CultureInfo.InvariantCulture),
        CellKind.Number => cell.Number.ToString("R", CultureInfo.InvariantCulture),
        CellKind.List => "[" + string.Join(',', cell.Items.Select(TextOf)) + "]",
        _ => "",
    };

    private static IEnumerable<string> NamesOf(ResultColumn column)
    {
        var name = column.CsvName ?? column.Name;
        return column.Width <= 1 ? [name] : Enumerable.Range(0, column.Width).Select(i => $"{name}_{i.ToString(CultureInfo.InvariantCulture)}");
    }

    private void AppendCell(string text)
    {
        Append(",");
        AppendText(text);
    }

    private void AppendText(string text) => Append(CsvText.Of(text));

    private void Append(string text) => Encoding.UTF8.GetBytes(text, Buffer);
}
