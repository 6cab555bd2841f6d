using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>"Did you mean" and lists of what there is.</summary>
internal static class Suggestion
{
    private const int LongestName = 128;
    private const int Shown = 12;

    /// <summary>A list of at most twelve, or "none".</summary>
    public static string List(IReadOnlyCollection<string> words) => words.Count == 0
        ? "none"
        : string.Join(", ", words.Take(Shown).Select(word => Excerpt.Of(word, LongestName))) + (words.Count > Shown ? $" and {words.Count - Shown} more" : "");

    /// <summary>" Did you mean 'x'?", or nothing when no word is near.</summary>
    public static string For(string text, IEnumerable<string> words)
    {
        if (text.Length is 0 or > LongestName)
            return "";
        string? best = null;
        var least = Math.Max(1, text.Length / 3) + 1;
        foreach (var word in words)
        {
            if (Math.Abs(word.Length - text.Length) >= least)
                continue;
            var distance = Distance(text, word);
            if (distance < least)
                (best, least) = (word, distance);
        }

        return best is null ? "" : $" Did you mean '{best}'?";
    }

    /// <summary>Edits between two words, neighbours swapped counting as one (optimal string alignment), case ignored.</summary>
    internal static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var last = new int[b.Length + 1];
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, last, row) = (last, row, before);
        }

        return last[b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
