namespace OrleansMl.Datasets;

/// <summary>What a <see cref="Cell"/> holds.</summary>
internal enum CellKind : byte
{
    /// <summary>No value: an empty cell of CSV, null, or a member that is not there.</summary>
    Missing,

    /// <summary>A cell of CSV: text that may stand for a number or a truth value.</summary>
    Raw,

    Text,

    Number,

    /// <summary>A number of single precision: its shortest text is that of a float.</summary>
    Single,

    /// <summary>A whole number that no double holds; its text is its digits.</summary>
    Digits,

    Bool,

    /// <summary>A JSON array.</summary>
    List,

    /// <summary>A JSON object.</summary>
    Object,
}

/// <summary>One value of a row.</summary>
internal readonly record struct Cell
{
    private readonly IReadOnlyList<Cell>? _items;

    private Cell(CellKind kind, string? text, double number, IReadOnlyList<Cell>? items, DataRow? members) =>
        (Kind, Text, Number, _items, Members) = (kind, text, number, items, members);

    public static Cell Missing => default;

    public CellKind Kind { get; }

    /// <summary>Of a text, a raw cell or digits; else null.</summary>
    public string? Text { get; }

    /// <summary>Of a number; 1 or 0 of a truth value.</summary>
    public double Number { get; }

    /// <summary>Of a list; else empty.</summary>
    public IReadOnlyList<Cell> Items => _items ?? [];

    /// <summary>Of an object; else null.</summary>
    public DataRow? Members { get; }

    public static Cell OfRaw(string text) => text.Length == 0 ? default : new(CellKind.Raw, text, 0, null, null);

    public static Cell Of(string text) => new(CellKind.Text, text, 0, null, null);

    public static Cell Of(double number) => new(CellKind.Number, null, number, null, null);

    public static Cell Of(float number) => new(CellKind.Single, null, number, null, null);

    public static Cell Of(long number) => Math.Abs((double)number) <= 1L << 53
        ? Of((double)number)
        : new(CellKind.Digits, number.ToString(System.Globalization.CultureInfo.InvariantCulture), 0, null, null);

    public static Cell Of(ulong number) => number <= 1UL << 53
        ? Of((double)number)
        : new(CellKind.Digits, number.ToString(System.Globalization.CultureInfo.InvariantCulture), 0, null, null);

    public static Cell Of(bool truth) => new(CellKind.Bool, null, truth ? 1 : 0, null, null);

    public static Cell Of(IReadOnlyList<Cell> items) => new(CellKind.List, null, 0, items, null);

    public static Cell Of(DataRow members) => new(CellKind.Object, null, 0, null, members);
}
