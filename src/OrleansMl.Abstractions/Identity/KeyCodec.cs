using System.Buffers;
using System.Globalization;
using System.Text;

namespace OrleansMl;

/// <summary>
/// Injective grain keys from user text. Azure Tables' grain storage maps <c>/ \ # ?</c> to <c>_</c> and refuses keys of
/// 1,024 characters; <c>GetGrain</c> refuses white space: so only [A-Za-z0-9.-] stand for themselves.
/// </summary>
internal static class KeyCodec
{
    private static readonly SearchValues<char> s_plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");

    public static string Join(string name, string id)
    {
        if (!name.AsSpan().ContainsAnyExcept(s_plain) && !id.AsSpan().ContainsAnyExcept(s_plain))
            return string.Concat(name, ":", id);
        var text = new StringBuilder(name.Length + 1 + id.Length);
        Append(text, name);
        text.Append(':');
        Append(text, id);
        return text.ToString();
    }

    public static (string Name, string Id) Split(string key)
    {
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw new FormatException($"'{key}' is not a composite grain key (no ':').");
        return (Decode(key.AsSpan(0, colon)), Decode(key.AsSpan(colon + 1)));
    }

    private static void Append(StringBuilder text, string value)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '.' or '-'))
            {
                text.Append((char)rune.Value);
                continue;
            }

            var length = rune.EncodeToUtf8(utf8);
            foreach (var b in utf8[..length])
                text.Append('_').Append(b.ToString("x2", CultureInfo.InvariantCulture));
        }
    }

    private static string Decode(ReadOnlySpan<char> text)
    {
        if (!text.Contains('_'))
            return text.ToString();
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '_')
            {
                bytes.Add((byte)text[i]);
                continue;
            }

            if (i + 2 >= text.Length || !byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
                throw new FormatException($"'{text}' has a broken escape at {i}.");
            bytes.Add(b);
            i += 2;
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
