using System.Text;

namespace OrleansMl;

/// <summary>The rules for names and ids, in one place for the gateway, the declaration and the grains.</summary>
public static class Names
{
    /// <summary>The rule as a regular expression, for error texts and schemas.</summary>
    public const string Pattern = "[A-Za-z][A-Za-z0-9._-]{0,62}";

    public static bool IsName(string? text)
    {
        if (text is null || text.Length is 0 or > 63 || !char.IsAsciiLetter(text[0]))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                return false;
        }

        return true;
    }

    /// <summary>Why <paramref name="id"/> cannot be an entity id or an event id; null when it can.</summary>
    public static string? WhyNotId(string? id, int maxBytes = EntityId.MaxIdBytes)
    {
        if (string.IsNullOrEmpty(id))
            return "is empty; give 1 to " + maxBytes + " bytes of UTF-8";
        foreach (var c in id)
        {
            if (char.IsControl(c))
                return $"holds the control character U+{(int)c:X4}; remove it";
        }

        for (var i = 0; i < id.Length; i++)
        {
            if (char.IsHighSurrogate(id[i]) && i + 1 < id.Length && char.IsLowSurrogate(id[i + 1]))
                i++;
            else if (char.IsSurrogate(id[i]))
                return $"holds the lone surrogate U+{(int)id[i]:X4}; send valid Unicode";
        }

        if (string.IsNullOrWhiteSpace(id))
            return "is only white space";
        var bytes = Encoding.UTF8.GetByteCount(id);
        return bytes > maxBytes ? $"has {bytes} bytes of UTF-8; the limit is {maxBytes}" : null;
    }
}
