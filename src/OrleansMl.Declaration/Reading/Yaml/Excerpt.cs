using System.Text;

namespace OrleansMl.Declaration.Yaml;

/// <summary>User text as it may stand in a detail: short, printable, valid Unicode.</summary>
internal static class Excerpt
{
    public static string Of(string text, int limit = 60)
    {
        var result = new StringBuilder(Math.Min(text.Length, limit) + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (result.Length >= limit)
                return result.Append('…').ToString();
            if (Rune.IsControl(rune))
                result.Append("\\u").Append(rune.Value.ToString("X4", System.Globalization.CultureInfo.InvariantCulture));
            else
                result.Append(rune.ToString());
        }

        return result.ToString();
    }
}
