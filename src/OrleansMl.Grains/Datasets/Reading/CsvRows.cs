using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;

namespace OrleansMl.Datasets;

/// <summary>
/// CSV as RFC 4180 has it, with a header. A reader of its own because a job goes on at a byte: it knows the place of each row, takes
/// no text that is not UTF-8, and bounds the memory of a row.
/// </summary>
internal sealed class CsvRows(Stream stream, int maxRowBytes, DataPlace place, ImmutableArray<string> header) : RowReader(stream, maxRowBytes, place)
{
    private const int MaxColumns = 10_000;

    private readonly List<Field> _fields = [];
    private ImmutableArray<string> _header = header;
    private FrozenDictionary<string, int>? _places = header.IsEmpty ? null : Index(header);

    public override ImmutableArray<string> Header => _header;

    public override async ValueTask ReadHeaderAsync(CancellationToken cancellationToken)
    {
        if (_places is not null)
            return;
        if (!await NextRecordAsync(cancellationToken))
            throw new DataFaultException("malformed_csv", "the file is empty; the first line is a header that names the columns.", 1);
        if (_fields.Count > MaxColumns)
            throw Fault("too_large", $"the header has {_fields.Count} columns; the limit is {MaxColumns}.");
        var names = ImmutableArray.CreateBuilder<string>(_fields.Count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < _fields.Count; i++)
        {
            var name = TextOf(i);
            if (string.IsNullOrWhiteSpace(name))
                throw Fault("malformed_csv", $"column {i + 1} of the header has no name; name it.");
            if (!seen.Add(name))
                throw Fault("malformed_csv", $"the header names '{name}' twice; give each column a name of its own.");
            names.Add(name);
        }

        _header = names.MoveToImmutable();
        _places = Index(_header);
    }

    public override DataRow ToRow()
    {
        var cells = new string[_fields.Count];
        for (var i = 0; i < cells.Length; i++)
            cells[i] = TextOf(i);
        return DataRow.OfCsv(_places!, cells);
    }

    public override void AddTo(SchemaBuilder schema)
    {
        for (var i = 0; i < _fields.Count; i++)
        {
            var field = _fields[i];
            schema.AddText(i, Record.Slice(field.Start, field.Length), isPlain: !field.IsEscaped);
        }
    }

    protected override bool TryTake(ReadOnlySpan<byte> bytes, bool isEnd, out int consumed, out bool isBlank)
    {
        _fields.Clear();
        var at = 0;
        isBlank = false;
        while (true)
        {
            if (at < bytes.Length && bytes[at] == (byte)'"')
            {
                if (!TryTakeQuoted(bytes, isEnd, ref at))
                    return Incomplete(out consumed);
            }
            else
            {
                var length = bytes[at..].IndexOfAny(",\"\r\n"u8);
                if (length < 0 && !isEnd)
                    return Incomplete(out consumed);
                length = length < 0 ? bytes.Length - at : length;
                if (at + length < bytes.Length && bytes[at + length] == (byte)'"')
                    throw Fault("malformed_csv", "a quote stands inside an unquoted cell; quote the cell and double the quotes in it.");
                _fields.Add(new Field(at, length, false));
                at += length;
            }

            if (at == bytes.Length)
            {
                if (!isEnd)
                    return Incomplete(out consumed);
                break;
            }

            var separator = bytes[at++];
            if (separator == (byte)',')
                continue;
            if (separator == (byte)'\r')
            {
                if (at == bytes.Length && !isEnd)
                    return Incomplete(out consumed);
                if (at < bytes.Length && bytes[at] == (byte)'\n')
                    at++;
            }

            break;
        }

        consumed = at;
        isBlank = _fields is [{ Length: 0, IsQuoted: false }];
        if (!Utf8.IsValid(bytes[..at]))
            throw Fault("invalid_text", "the line is not valid UTF-8; encode the file as UTF-8.");
        if (!isBlank && _places is not null && _fields.Count != _header.Length)
            throw Fault("malformed_csv", $"the row has {_fields.Count} cells, the header {_header.Length}.");
        return true;
    }

    private bool TryTakeQuoted(ReadOnlySpan<byte> bytes, bool isEnd, ref int at)
    {
        var start = at + 1;
        var isEscaped = false;
        var scan = start;
        while (true)
        {
            var quote = bytes[scan..].IndexOf((byte)'"');
            if (quote < 0)
                return isEnd ? throw Fault("malformed_csv", "a quote is not closed before the end of the file.") : false;
            scan += quote + 1;
            if (scan == bytes.Length && !isEnd)
                return false;
            if (scan == bytes.Length || bytes[scan] != (byte)'"')
                break;
            isEscaped = true;
            scan++;
        }

        _fields.Add(new Field(start, scan - 1 - start, isEscaped) { IsQuoted = true });
        at = scan;
        return at == bytes.Length || bytes[at] is (byte)',' or (byte)'\r' or (byte)'\n'
            ? true
            : throw Fault("malformed_csv", "text follows the closing quote of a cell; end the cell there, or double the quotes in it.");
    }

    private bool Incomplete(out int consumed)
    {
        consumed = 0;
        return false;
    }

    private string TextOf(int index)
    {
        var field = _fields[index];
        var text = Encoding.UTF8.GetString(Record.Slice(field.Start, field.Length));
        return field.IsEscaped ? text.Replace("\"\"", "\"", StringComparison.Ordinal) : text;
    }

    private static FrozenDictionary<string, int> Index(ImmutableArray<string> header) =>
        header.Select((name, i) => KeyValuePair.Create(name, i)).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A cell within its record, without its quotes.</summary>
    private readonly record struct Field(int Start, int Length, bool IsEscaped)
    {
        public bool IsQuoted { get; init; }
    }
}
