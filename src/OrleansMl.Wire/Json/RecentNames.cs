using System.IO.Hashing;
using System.Text;

namespace OrleansMl.Wire;

/// <summary>
/// Strings of names that came last, by their bytes. The same few names stand in every event; a string for each would be most
/// of what a stream of events leaves behind. It forgets what another name displaces, and holds nothing long.
/// </summary>
internal static class RecentNames
{
    private const int Places = 1024;
    private const int Longest = 64;

    // Written without a lock: a reader takes what it finds only if it is the same text.
    private static readonly string?[] s_recent = new string?[Places];

    /// <summary>The text of UTF-8 that is known to be valid and has no escapes.</summary>
    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > Longest)
            return Encoding.UTF8.GetString(utf8);
        Span<char> text = stackalloc char[Longest];
        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        ref var place = ref s_recent[XxHash3.HashToUInt64(utf8) % Places];
        if (Volatile.Read(ref place) is { } known && text.SequenceEqual(known))
            return known;
        var name = text.ToString();
        Volatile.Write(ref place, name);
        return name;
    }
}
