using System.Globalization;

namespace OrleansMl.Wire;

/// <summary>
/// RFC 3339 date-times, read strictly and written in UTC. Fractions finer than 100 ns are cut; leap seconds are refused.
/// </summary>
public static class Rfc3339
{
    /// <summary>For error texts.</summary>
    public const string Form = "an RFC 3339 time such as \"2026-01-31T08:30:00Z\"";

    /// <summary>Longest text that <see cref="Format"/> writes.</summary>
    public const int MaxLength = 28;

    /// <summary>Reads a time with its offset, as UTC; false: it is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTime utc)
    {
        utc = default;
        if (text.Length < 20
            || !Digits(text, 0, 4, out var year) || text[4] != '-'
            || !Digits(text, 5, 2, out var month) || text[7] != '-'
            || !Digits(text, 8, 2, out var day) || text[10] is not ('T' or 't')
            || !Digits(text, 11, 2, out var hour) || text[13] != ':'
            || !Digits(text, 14, 2, out var minute) || text[16] != ':'
            || !Digits(text, 17, 2, out var second))
            return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;

        var at = 19;
        long fraction = 0;
        if (text[at] == '.')
        {
            var first = ++at;
            var unit = TimeSpan.TicksPerSecond;
            for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
            {
                unit /= 10;
                fraction += unit * (text[at] - '0');
            }

            if (at == first || at - first > 9)
                return false;
        }

        if (!Offset(text[at..], out var offset))
            return false;
        var ticks = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks + fraction - offset.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return false;
        utc = new DateTime(ticks, DateTimeKind.Utc);
        return true;
    }

    /// <summary>In UTC with "Z", the fraction without trailing zeros.</summary>
    public static int Format(DateTime time, Span<char> destination)
    {
        var utc = time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time;
        utc.TryFormat(destination, out var written, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
        return written;
    }

    private static bool Offset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        if (text is "Z" or "z")
            return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !Digits(text, 1, 2, out var hours) || !Digits(text, 4, 2, out var minutes) || hours > 23 || minutes > 59)
            return false;
        offset = new TimeSpan(hours, minutes, 0);
        if (text[0] == '-')
            offset = -offset;
        return true;
    }

    private static bool Digits(ReadOnlySpan<char> text, int start, int count, out int value)
    {
        value = 0;
        for (var i = start; i < start + count; i++)
        {
            if (!char.IsAsciiDigit(text[i]))
                return false;
            value = (value * 10) + (text[i] - '0');
        }

        return true;
    }
}
