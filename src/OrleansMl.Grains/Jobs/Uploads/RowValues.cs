using System.Globalization;
using OrleansMl.Datasets;
using OrleansMl.Declaration;
using OrleansMl.Wire;

namespace OrleansMl.Jobs.Uploads;

/// <summary>Reads cells of a row as what they are to be. NDJSON may nest as requests do; CSV has a column for each.</summary>
internal static class RowValues
{
    public static string? Text(DataRow row, string column) => row[column] switch
    {
        { Kind: CellKind.Missing } => null,
        { Kind: CellKind.Raw or CellKind.Text, Text: { } text } => text,
        { Kind: CellKind.Number or CellKind.Single, Number: var number } => number.ToString("R", CultureInfo.InvariantCulture),
        { Kind: CellKind.Digits, Text: { } digits } => digits,
        var other => throw new RowFaultException("invalid_value", $"Column '{column}' is {Said(other)}; give a text.", column),
    };

    /// <summary>1–256 bytes without control characters; null: the cell is empty.</summary>
    public static string? Id(DataRow row, string column)
    {
        if (Text(row, column) is not { } id)
            return null;
        return Names.WhyNotId(id) is { } why ? throw new RowFaultException("invalid_id", $"Column '{column}' {why}.", column) : id;
    }

    public static DateTime? Time(DataRow row, string column)
    {
        if (Text(row, column) is not { } text)
            return null;
        return Rfc3339.TryParse(text, out var time) ? time : throw new RowFaultException("invalid_time", $"Column '{column}' is '{text}'; give {Rfc3339.Form}.", column);
    }

    public static int Revision(DataRow row)
    {
        if (Text(row, "revision") is not { } text)
            return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw new RowFaultException("invalid_value", $"Column 'revision' is '{text}'; give a whole number from 0 to {int.MaxValue}.", "revision");
    }

    /// <summary>Whose row it is: <c>entity: {type, id}</c>, or the columns entityType and entityId.</summary>
    /// <param name="row">The row.</param>
    /// <param name="type">Type of all rows' entities; null: each says its own.</param>
    public static EntityId? Entity(DataRow row, string? type)
    {
        var nested = row["entity"].Members;
        var id = nested is null ? Id(row, "entityId") : Id(nested, "id");
        if (id is null)
            return null;
        var own = (nested is null ? Text(row, "entityType") : Text(nested, "type")) ?? type
            ?? throw new RowFaultException("missing_member", "The row does not say the type of its entity; give the column entityType, or entityType with the upload.", "entityType");
        return Names.IsName(own) ? new EntityId(own, id) : throw new RowFaultException("invalid_name", $"The entity's type is '{own}'; a name matches {Names.Pattern}.", "entityType");
    }

    public static EntityId RequireEntity(DataRow row, string? type) =>
        Entity(row, type) ?? throw new RowFaultException("missing_member", "The row names no entity; give its id in the column entityId.", "entityId");

    /// <summary>Columns that are not the row's own: an object of that name, else all but the reserved ones.</summary>
    public static IEnumerable<(string Name, Cell Value)> Rest(DataRow row, string group, IReadOnlyCollection<string> reserved)
    {
        if (row[group].Members is { } members)
            return members.Names.Select(name => (name, members[name]));
        return row.Names.Where(name => name != group && !reserved.Contains(name)).Select(name => (name, row[name]));
    }

    /// <summary>A cell as a declared field has it.</summary>
    public static Scalar Field(FieldDefinition? field, string name, Cell cell)
    {
        switch (cell.Kind)
        {
            case CellKind.Missing:
                return Scalar.Missing;
            case CellKind.Number:
                return Scalar.Of(cell.Number);
            case CellKind.Bool:
                return Scalar.Of(cell.Number != 0);
            case CellKind.Text:
                return Scalar.Of(cell.Text!);
            case CellKind.Raw when field?.Type == FieldType.Bool && cell.Text is "true" or "false" or "1" or "0":
                return Scalar.Of(cell.Text is "true" or "1");
            case CellKind.Raw when field?.Type is FieldType.Float or FieldType.Int && TryNumber(cell.Text!, out var number):
                return Scalar.Of(number);

            // Of another type, or of no field: what checks the item says so.
            case CellKind.Raw:
                return Scalar.Of(cell.Text!);
            default:
                throw new RowFaultException("invalid_value", $"Column '{name}' is {Said(cell)}; give a number, a text or a truth value.", name);
        }
    }

    /// <summary>A label in a target's terms: a cell of CSV may be a class, a truth value or a number.</summary>
    public static Scalar Label(TargetDefinition? target, string column, Cell cell)
    {
        if (cell.Kind != CellKind.Raw)
            return Field(null, column, cell);
        var text = cell.Text!;
        if (target is { Type: not TargetType.Regression } && target.Classes.Contains(text))
            return Scalar.Of(text);
        if (TryNumber(text, out var number))
            return Scalar.Of(number);
        return text is "true" or "false" ? Scalar.Of(text == "true") : Scalar.Of(text);
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static string Said(Cell cell) => cell.Text is { } text ? $"'{text}'" : cell.Kind switch
    {
        CellKind.Bool => "a truth value",
        CellKind.List => "a list",
        _ => "an object",
    };
}
