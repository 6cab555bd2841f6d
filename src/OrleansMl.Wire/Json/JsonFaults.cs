using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace OrleansMl.Wire;

/// <summary>What is wrong with a text that shall be JSON, in words.</summary>
internal static class JsonFaults
{
    /// <summary>Refuses what is no text, or an empty one.</summary>
    public static void CheckEncoding(ReadOnlySpan<byte> json)
    {
        if (json.StartsWith("\uFEFF"u8))
            throw new InputFaultException("malformed_json", "The text starts with a byte order mark (EF BB BF); send UTF-8 without one.", "");
        if (!Utf8.IsValid(json))
            throw new InputFaultException("invalid_text", "The text is not valid UTF-8; encode it as UTF-8.", "");
        if (json.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            throw new InputFaultException("malformed_json", "The body is empty; send a JSON value.", "");
    }

    /// <summary>What a reader has refused, with its place.</summary>
    public static InputFaultException Malformed(ReadOnlySpan<byte> json, JsonException exception)
    {
        // The reader's own message ends with a position; ours says where by pointer, line and byte.
        var line = (exception.LineNumber ?? 0) + 1;
        var at = (exception.BytePositionInLine ?? 0) + 1;
        var message = exception.Message;
        var tail = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var detail = $"The text is not JSON (RFC 8259): {(tail > 0 ? message[..tail] : message)} At line {line}, byte {at}.";
        return new InputFaultException(new OmlFault("malformed_json", detail)
        {
            Pointer = JsonPointers.At(json, long.MaxValue),
            Line = (int)line,
            Column = (int)Math.Min(at, int.MaxValue),
        });
    }

    /// <summary>A token, for a message.</summary>
    public static string Excerpt(in Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.EndObject or JsonTokenType.EndArray => "nothing",
        JsonTokenType.Null => "null",
        JsonTokenType.String => "the string \"" + Shorten(Encoding.UTF8.GetString(reader.ValueSpan)) + "\"",
        _ => Shorten(Encoding.UTF8.GetString(reader.ValueSpan)),
    };

    /// <summary>At most 40 characters of a text.</summary>
    public static string Shorten(string text)
    {
        if (text.Length <= 40)
            return text;
        var end = char.IsHighSurrogate(text[39]) ? 39 : 40;
        return text[..end] + "…";
    }
}
