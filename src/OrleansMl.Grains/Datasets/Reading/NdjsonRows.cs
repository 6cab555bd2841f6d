using System.Collections.Immutable;
using OrleansMl.Wire;

namespace OrleansMl.Datasets;

/// <summary>A JSON object on each line, read strictly; lines of white space are passed over.</summary>
internal sealed class NdjsonRows(Stream stream, int maxRowBytes, DataPlace place) : RowReader(stream, maxRowBytes, place)
{
    public override ImmutableArray<string> Header => [];

    public override DataRow ToRow() => DataRow.OfMembers(Read());

    public override void AddTo(SchemaBuilder schema)
    {
        foreach (var (name, cell) in Read())
            schema.Add(name, cell.Kind switch
            {
                CellKind.Missing => ValueTypes.None,
                CellKind.Text => ValueTypes.Text,
                CellKind.Number => cell.Number == Math.Floor(cell.Number) && Math.Abs(cell.Number) < 1L << 53 ? ValueTypes.Int : ValueTypes.Float,
                CellKind.Bool => ValueTypes.Bool,
                CellKind.List => ValueTypes.Array,
                _ => ValueTypes.Object,
            });
    }

    protected override bool TryTake(ReadOnlySpan<byte> bytes, bool isEnd, out int consumed, out bool isBlank)
    {
        var end = bytes.IndexOf((byte)'\n');
        consumed = end < 0 ? bytes.Length : end + 1;
        isBlank = bytes[..consumed].IndexOfAnyExcept(" \t\r\n"u8) < 0;
        return end >= 0 || isEnd;
    }

    private Dictionary<string, Cell> Read()
    {
        try
        {
            return StrictReader.Parse(Record.TrimEnd("\r\n"u8), ReadMembers);
        }
        catch (InputFaultException exception)
        {
            throw Fault(exception.Fault.Code, $"{exception.Fault.Detail}{(string.IsNullOrEmpty(exception.Fault.Pointer) ? "" : $" (at {exception.Fault.Pointer})")}");
        }
    }

    private static Dictionary<string, Cell> ReadMembers(ref StrictReader reader)
    {
        reader.ExpectObject("A row");
        var members = new Dictionary<string, Cell>(StringComparer.Ordinal);
        while (reader.NextName() is { } name)
        {
            if (!members.TryAdd(name, ReadCell(ref reader)))
                throw reader.Fault("repeated_member", $"The member '{name}' is given twice; give it once.");
        }

        return members;
    }

    private static Cell ReadCell(ref StrictReader reader)
    {
        switch (reader.TokenType)
        {
            case System.Text.Json.JsonTokenType.StartArray:
                var items = new List<Cell>();
                while (reader.NextElement())
                    items.Add(ReadCell(ref reader));
                return Cell.Of(items);
            case System.Text.Json.JsonTokenType.StartObject:
                return Cell.Of(DataRow.OfMembers(ReadMembers(ref reader)));
            default:
                var scalar = reader.ReadScalar("A value");
                return scalar.Kind switch
                {
                    ScalarKind.Missing => Cell.Missing,
                    ScalarKind.Text => Cell.Of(scalar.AsText()!),
                    ScalarKind.Bool => Cell.Of(scalar.AsNumber() != 0),
                    _ => Cell.Of(scalar.AsNumber()),
                };
        }
    }
}
