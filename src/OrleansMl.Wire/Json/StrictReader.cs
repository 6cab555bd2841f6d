using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Wire;

/// <summary>
/// Reads JSON and forgives nothing: unknown or repeated members, numbers in quotes, lone surrogates, comments, a byte
/// order mark, text after the value, numbers that no double holds. Every fault names the place, the value and the remedy.
/// </summary>
/// <remarks>
/// After construction the reader stands on the first token. Every <c>Read…</c> method is called with the reader on the
/// first token of the value and leaves it on the last one.
/// </remarks>
public ref struct StrictReader
{
    /// <summary>Deepest nesting of objects and arrays.</summary>
    public const int MaxDepth = 64;

    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;

    private StrictReader(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Reads a value; the reader stands on its first token.</summary>
    /// <exception cref="InputFaultException">It is not as it must be.</exception>
    public delegate T Parser<out T>(ref StrictReader reader);

    /// <summary>Kind of the current token.</summary>
    public readonly JsonTokenType TokenType => _reader.TokenType;

    /// <summary>Offset of the current token.</summary>
    public readonly long Position => _reader.TokenStartIndex;

    /// <summary>Bytes of the text.</summary>
    public readonly int Length => _json.Length;

    /// <summary>Reads exactly one value from a text.</summary>
    /// <exception cref="InputFaultException">The text is not the JSON that <paramref name="parse"/> wants.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> json, Parser<T> parse)
    {
        JsonFaults.CheckEncoding(json);
        var reader = new StrictReader(json);
        try
        {
            reader.Advance();
            var value = parse(ref reader);
            reader.CheckEnd();
            return value;
        }
        catch (JsonException exception)
        {
            throw JsonFaults.Malformed(json, exception);
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            // Utf8JsonReader's word for an escaped lone surrogate
            throw reader.Fault("invalid_text", "The text holds a lone surrogate escape (\\ud800 to \\udfff without its other half); send valid Unicode.");
        }
    }

    /// <summary>Moves to the next token.</summary>
    public void Advance()
    {
        if (!_reader.Read())
            throw Fault("malformed_json", "The JSON text ends too early; send a complete value.");
    }

    /// <summary>Refuses what is no object.</summary>
    /// <param name="thing">What it is, for a message; so in every method.</param>
    public readonly void ExpectObject(string thing)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            throw WrongType(thing, "a JSON object");
    }

    /// <summary>Refuses what is no array.</summary>
    public readonly void ExpectArray(string thing)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
            throw WrongType(thing, "a JSON array");
    }

    /// <summary>
    /// Moves to the value of the object's next member and answers with its index in <paramref name="table"/>; −1 at the
    /// object's end. Call with the reader on the object's start or on the last token of the member before.
    /// </summary>
    /// <param name="table">Members there may be.</param>
    /// <param name="seen">One bit for each member seen; 0 at first.</param>
    /// <param name="skipUnknown">Pass over members that are not in the table.</param>
    public int NextMember(MemberTable table, ref ulong seen, bool skipUnknown = false)
    {
        while (true)
        {
            Advance();
            if (_reader.TokenType == JsonTokenType.EndObject)
                return -1;
            for (var index = 0; index < table.Count; index++)
            {
                if (!_reader.ValueTextEquals(table.Utf8(index)))
                    continue;
                var bit = 1UL << index;
                if ((seen & bit) != 0)
                    throw Fault("repeated_member", $"The member '{table.Names[index]}' is given twice; give it once.");
                seen |= bit;
                Advance();
                return index;
            }

            if (!skipUnknown)
                throw Fault("unknown_member", $"There is no member '{JsonFaults.Shorten(_reader.GetString()!)}' here; known are {string.Join(", ", table.Names)}.");
            Advance();
            _reader.Skip();
        }
    }

    /// <summary>Moves to the value of the next member of a free-form object; null at its end.</summary>
    public string? NextName()
    {
        Advance();
        if (_reader.TokenType == JsonTokenType.EndObject)
            return null;
        var name = _reader.ValueIsEscaped ? _reader.GetString()! : RecentNames.Get(_reader.ValueSpan);
        Advance();
        return name;
    }

    /// <summary>Moves to the next element of an array; false at its end.</summary>
    public bool NextElement()
    {
        Advance();
        return _reader.TokenType != JsonTokenType.EndArray;
    }

    public readonly bool IsNull => _reader.TokenType == JsonTokenType.Null;

    /// <summary>A string.</summary>
    public readonly string ReadString(string thing)
    {
        if (_reader.TokenType != JsonTokenType.String)
            throw WrongType(thing, "a string");
        return _reader.GetString()!;
    }

    /// <summary>A string that many texts have alike.</summary>
    public readonly string ReadName(string thing)
    {
        if (_reader.TokenType != JsonTokenType.String)
            throw WrongType(thing, "a string");
        return _reader.ValueIsEscaped ? _reader.GetString()! : RecentNames.Get(_reader.ValueSpan);
    }

    /// <summary>Copies a string; false: it is longer than the place for it.</summary>
    public readonly bool TryCopyString(string thing, Span<char> into, out int length)
    {
        if (_reader.TokenType != JsonTokenType.String)
            throw WrongType(thing, "a string");
        // There are never more characters than bytes.
        if (_reader.ValueSpan.Length > into.Length)
        {
            length = 0;
            return false;
        }

        length = _reader.CopyString(into);
        return true;
    }

    /// <summary>UTF-8 bytes of a string, unescaped.</summary>
    public readonly byte[] ReadUtf8(string thing)
    {
        if (_reader.TokenType != JsonTokenType.String)
            throw WrongType(thing, "a string");
        if (!_reader.ValueIsEscaped)
            return _reader.ValueSpan.ToArray();
        return Encoding.UTF8.GetBytes(_reader.GetString()!);
    }

    public readonly string? ReadStringOrNull(string thing) => IsNull ? null : ReadString(thing);

    public readonly bool ReadBool(string thing) => _reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw WrongType(thing, "true or false"),
    };

    /// <summary>A finite number.</summary>
    public readonly double ReadDouble(string thing)
    {
        if (_reader.TokenType != JsonTokenType.Number)
            throw WrongType(thing, "a number without quotes");
        if (!_reader.TryGetDouble(out var value) || !double.IsFinite(value))
            throw Fault("out_of_range", $"{thing} is {Excerpt()}, which no double holds; the limit is about ±1.8e308.");
        return value;
    }

    /// <summary>A number within bounds.</summary>
    public readonly double ReadDouble(string thing, double min, double max)
    {
        var value = ReadDouble(thing);
        return value >= min && value <= max
            ? value
            : throw Fault("out_of_range", $"{thing} is {Excerpt()}; give a number from {min.ToString(CultureInfo.InvariantCulture)} to {max.ToString(CultureInfo.InvariantCulture)}.");
    }

    /// <summary>A whole number.</summary>
    public readonly long ReadInt64(string thing, long min = long.MinValue, long max = long.MaxValue)
    {
        if (_reader.TokenType != JsonTokenType.Number)
            throw WrongType(thing, "a whole number without quotes");
        if (!_reader.TryGetInt64(out var value) || value < min || value > max)
            throw Fault("out_of_range", $"{thing} is {Excerpt()}; give a whole number from {min.ToString(CultureInfo.InvariantCulture)} to {max.ToString(CultureInfo.InvariantCulture)}.");
        return value;
    }

    /// <summary>A whole number from 0 to 2⁶⁴ − 1; false: it is another value.</summary>
    public readonly bool TryGetUInt64(out ulong value)
    {
        value = 0;
        return _reader.TokenType == JsonTokenType.Number && _reader.TryGetUInt64(out value);
    }

    /// <summary>A whole number from −2⁶³ to 2⁶³ − 1; false: it is another value.</summary>
    public readonly bool TryGetInt64(out long value)
    {
        value = 0;
        return _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out value);
    }

    /// <summary>A number, text, truth value or null.</summary>
    public readonly Scalar ReadScalar(string thing) => _reader.TokenType switch
    {
        JsonTokenType.Number => Scalar.Of(ReadDouble(thing)),
        JsonTokenType.String => Scalar.Of(_reader.GetString()!),
        JsonTokenType.True => Scalar.Of(true),
        JsonTokenType.False => Scalar.Of(false),
        JsonTokenType.Null => Scalar.Missing,
        _ => throw WrongType(thing, "a number, a string, true, false or null"),
    };

    /// <summary>Passes over a value.</summary>
    public void Skip() => _reader.Skip();

    /// <summary>Remembers the current token.</summary>
    public readonly Bookmark Mark() => new(_reader);

    /// <summary>Goes to a remembered token.</summary>
    public void Return(Bookmark bookmark) => _reader = bookmark.Reader;

    /// <summary>A token to come back to: a copy of the reader, whole because nesting of at most 64 levels lies in the copy.</summary>
    public readonly ref struct Bookmark(Utf8JsonReader reader)
    {
        internal Utf8JsonReader Reader { get; } = reader;
    }

    /// <summary>The bytes of a value as they stand, with no repeated member at any depth.</summary>
    public ReadOnlySpan<byte> ReadRaw()
    {
        var start = (int)_reader.TokenStartIndex;
        RepeatedMembers.Refuse(ref this);
        return _json[start..(int)_reader.BytesConsumed];
    }

    /// <summary>A fault at the current token.</summary>
    /// <param name="code">Machine-readable.</param>
    /// <param name="detail">Thing, value, limit, remedy.</param>
    public readonly InputFaultException Fault(string code, string detail)
        => new(code, detail, JsonPointers.At(_json, _reader.TokenStartIndex));

    /// <summary>A member is not there; the reader stands on the object's end.</summary>
    public readonly InputFaultException Missing(string member, string what)
        => Fault("missing_member", $"The member '{member}' is missing; give {what}.");

    public readonly InputFaultException WrongType(string thing, string wanted)
        => Fault("invalid_type", $"{thing} is {Excerpt()}; give {wanted}.");

    /// <summary>The current token, for a message.</summary>
    public readonly string Excerpt() => JsonFaults.Excerpt(_reader);

    private void CheckEnd()
    {
        if (_reader.Read())
            throw Fault("malformed_json", "There is text after the JSON value; send one value, or a batch as application/x-ndjson.");
    }
}
