using System.Globalization;
using System.Text;

namespace OrleansMl.Protocol.Configuration;

/// <summary>Cuts protobuf text format into tokens: https://protobuf.dev/reference/protobuf/textformat-spec/.</summary>
internal sealed class TextTokenizer(string text)
{
    private int _at;
    private int _line = 1;
    private int _lineStart;

    /// <exception cref="ModelConfigException">A character or a string that the format does not know.</exception>
    public TextToken Next()
    {
        SkipSpace();
        if (_at == text.Length)
            return new TextToken(TextTokenKind.End, "", _line, Column);
        var (line, column, c) = (_line, Column, text[_at]);
        if (c is '"' or '\'')
            return new TextToken(TextTokenKind.Quoted, ReadQuoted(c), line, column);
        var start = _at;
        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
                _at++;
            return new TextToken(TextTokenKind.Word, text[start.._at], line, column);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1])))
        {
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '.' || (text[_at] is '+' or '-' && text[_at - 1] is 'e' or 'E')))
                _at++;
            return new TextToken(TextTokenKind.Number, text[start.._at], line, column);
        }

        if ("{}[]<>:,;-".Contains(c, StringComparison.Ordinal))
        {
            _at++;
            return new TextToken(TextTokenKind.Mark, c.ToString(), line, column);
        }

        throw new ModelConfigException(line, column, $"The character '{c}' (U+{(int)c:X4}) has no place here; write 'field: value'.");
    }

    private int Column => _at - _lineStart + 1;

    private void SkipSpace()
    {
        while (_at < text.Length)
        {
            var c = text[_at];
            if (c == '#')
            {
                while (_at < text.Length && text[_at] != '\n')
                    _at++;
                continue;
            }

            if (c is not (' ' or '\t' or '\r' or '\n' or '\v' or '\f' or '\uFEFF'))
                return;
            _at++;
            if (c == '\n')
                (_line, _lineStart) = (_line + 1, _at);
        }
    }

    private string ReadQuoted(char quote)
    {
        var (line, column) = (_line, Column);
        var bytes = new List<byte>();
        for (_at++; ; _at++)
        {
            if (_at >= text.Length || text[_at] == '\n')
                throw new ModelConfigException(line, column, $"The string that begins here does not end on its line; close it with {quote}.");
            if (text[_at] == quote)
            {
                _at++;
                break;
            }

            if (text[_at] == '\\')
                ReadEscape(bytes);
            else
                AddCharacter(bytes);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw new ModelConfigException(line, column, "The string is not UTF-8 once its escapes are read; escape UTF-8 bytes.");
        }
    }

    private void AddCharacter(List<byte> bytes)
    {
        Rune.DecodeFromUtf16(text.AsSpan(_at), out var rune, out var length);
        Span<byte> utf8 = stackalloc byte[4];
        bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
        _at += length - 1;
    }

    // Escapes name bytes, not characters.
    private void ReadEscape(List<byte> bytes)
    {
        _at++;
        var c = _at < text.Length ? text[_at] : '\0';
        switch (c)
        {
            case 'n':
                bytes.Add((byte)'\n');
                return;
            case 'r':
                bytes.Add((byte)'\r');
                return;
            case 't':
                bytes.Add((byte)'\t');
                return;
            case '\\' or '\'' or '"' or '?':
                bytes.Add((byte)c);
                return;
            case 'x' or 'X':
                var digits = Digits(char.IsAsciiHexDigit, _at + 1, 2);
                if (digits.Length == 0)
                    break;
                bytes.Add(byte.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                _at += digits.Length;
                return;
            case >= '0' and <= '7':
                var octal = Digits(static d => d is >= '0' and <= '7', _at, 3);
                bytes.Add((byte)Convert.ToInt32(octal.ToString(), 8));
                _at += octal.Length - 1;
                return;
        }

        throw new ModelConfigException(_line, Column, $"The escape '\\{c}' is not known; known are \\n, \\r, \\t, \\\\, \\', \\\", \\xHH and \\OOO.");
    }

    private ReadOnlySpan<char> Digits(Func<char, bool> isDigit, int from, int most)
    {
        var end = from;
        while (end < text.Length && end < from + most && isDigit(text[end]))
            end++;
        return text.AsSpan(from, end - from);
    }
}
