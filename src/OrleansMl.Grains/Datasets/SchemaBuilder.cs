using System.Buffers.Text;
using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Datasets;

/// <summary>Types of values that a column was seen with.</summary>
[Flags]
internal enum ValueTypes : byte
{
    None = 0,
    Int = 1,
    Float = 2,
    Bool = 4,
    Text = 8,
    Array = 16,
    Object = 32,
}

/// <summary>Infers the columns of a data set while its rows go by.</summary>
/// <param name="header">Names of the columns where the format says them; else they are taken from the rows.</param>
internal sealed class SchemaBuilder(ImmutableArray<string> header)
{
    /// <summary>Columns that are told of; members of rows beyond are read and not described.</summary>
    private const int MaxColumns = 10_000;

    private readonly List<Seen> _columns = [.. header.Select(name => new Seen(name))];
    private readonly Dictionary<string, Seen> _byName = [];

    public long Rows { get; private set; }

    public void AddRow(RowReader reader)
    {
        Rows++;
        reader.AddTo(this);
    }

    /// <summary>A value of a column that the header has not named.</summary>
    public void Add(string name, ValueTypes type)
    {
        if (!_byName.TryGetValue(name, out var column))
        {
            if (_columns.Count == MaxColumns)
                return;
            _columns.Add(column = _byName[name] = new Seen(name));
        }

        column.Add(type);
    }

    /// <summary>A cell of a column of the header.</summary>
    /// <param name="index">Of the column.</param>
    /// <param name="text">UTF-8.</param>
    /// <param name="isPlain">The bytes are the text itself, with no quotes doubled.</param>
    public void AddText(int index, ReadOnlySpan<byte> text, bool isPlain)
    {
        var column = _columns[index];
        // A column that is text already cannot become anything else.
        column.Add(text.IsEmpty ? ValueTypes.None : column.IsText || !isPlain ? ValueTypes.Text : TypeOf(text));
    }

    public ImmutableArray<DatasetColumn> Build() => [.. _columns.Select(c => new DatasetColumn(c.Name, c.TypeIn(isRaw: !header.IsEmpty), Rows - c.Present))];

    private static ValueTypes TypeOf(ReadOnlySpan<byte> text)
    {
        if (Utf8Parser.TryParse(text, out long _, out var used) && used == text.Length)
            return ValueTypes.Int;
        if (Utf8Parser.TryParse(text, out double number, out used) && used == text.Length && double.IsFinite(number))
            return ValueTypes.Float;
        return text.SequenceEqual("true"u8) || text.SequenceEqual("false"u8) ? ValueTypes.Bool : ValueTypes.Text;
    }

    private sealed class Seen(string name)
    {
        private ValueTypes _types;

        public string Name => name;

        public long Present { get; private set; }

        public bool IsText => _types.HasFlag(ValueTypes.Text);

        public void Add(ValueTypes type)
        {
            _types |= type;
            Present += type == ValueTypes.None ? 0 : 1;
        }

        /// <param name="isRaw">The values are text that may stand for others: mixed, they are text.</param>
        public string TypeIn(bool isRaw) => _types switch
        {
            ValueTypes.None => "empty",
            ValueTypes.Int => "int",
            ValueTypes.Float or (ValueTypes.Int | ValueTypes.Float) => "float",
            ValueTypes.Bool => "bool",
            ValueTypes.Text => "string",
            ValueTypes.Array => "array",
            ValueTypes.Object => "object",
            _ => isRaw ? "string" : "mixed",
        };
    }
}
