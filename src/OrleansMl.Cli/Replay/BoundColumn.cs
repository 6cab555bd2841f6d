using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Data;
using OrleansMl.Declaration;

namespace OrleansMl.Cli.Replay;

/// <summary>A declared field or input together with the CSV column that feeds it.</summary>
/// <param name="Field">As declared.</param>
/// <param name="Column">Index of the column.</param>
internal sealed record BoundColumn(FieldDefinition Field, int Column)
{
    private readonly JsonEncodedText _name = JsonEncodedText.Encode(Field.Name);

    /// <summary>Writes the cell as a member of the declared type; nothing when it is empty.</summary>
    /// <exception cref="CommandException">The cell is not of the type.</exception>
    public void Write(Utf8JsonWriter json, CsvRow row)
    {
        var cell = row.Cells[Column];
        if (cell.Length == 0)
            return;
        switch (Field.Type)
        {
            case FieldType.Float:
                json.WriteNumber(_name, Number(cell, row));
                break;
            case FieldType.Int:
                json.WriteNumber(_name, Integer(cell, row));
                break;
            case FieldType.Bool:
                json.WriteBoolean(_name, Truth(cell, row));
                break;
            default:
                json.WriteString(_name, cell);
                break;
        }
    }

    /// <summary>The cell as a number of a vector; NaN when it is empty.</summary>
    public double AsNumber(CsvRow row)
    {
        var cell = row.Cells[Column];
        if (cell.Length == 0)
            return double.NaN;
        return Field.Type == FieldType.Bool ? Truth(cell, row) ? 1 : 0 : Number(cell, row);
    }

    private double Number(string cell, CsvRow row) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw Wrong(cell, row, "a finite number");

    private long Integer(string cell, CsvRow row)
    {
        if (long.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return integer;
        var number = Number(cell, row);
        return number == Math.Floor(number) && Math.Abs(number) <= 1L << 53 ? (long)number : throw Wrong(cell, row, "an integer");
    }

    private bool Truth(string cell, CsvRow row) => cell.ToLowerInvariant() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw Wrong(cell, row, "true, false, 1 or 0"),
    };

    private CommandException Wrong(string cell, CsvRow row, string expected) =>
        CommandException.Invalid($"{row.File}:{row.Line}: column '{Field.Name}' holds '{cell}', {expected} is needed (an empty cell is a missing value).");
}
