using System.Globalization;

namespace OrleansMl.Declaration;

/// <summary>Durations as written in files: a whole number and a unit, <c>45s</c>, <c>30m</c>, <c>24h</c>, <c>7d</c>.</summary>
public static class Duration
{
    /// <summary>Longest admissible one.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    /// <summary>False: the text is no duration.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length is < 2 or > 12)
            return false;
        long? unit = text[^1] switch
        {
            's' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMinute,
            'h' => TimeSpan.TicksPerHour,
            'd' => TimeSpan.TicksPerDay,
            _ => null,
        };
        if (unit is null || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        if (count > Longest.Ticks / unit.Value)
            return false;
        duration = TimeSpan.FromTicks(count * unit.Value);
        return true;
    }

    /// <summary>As it would be written.</summary>
    public static string Text(TimeSpan duration)
    {
        var (count, unit) = duration.Ticks switch
        {
            0 => (0, 's'),
            var t when t % TimeSpan.TicksPerDay == 0 && t > TimeSpan.TicksPerDay => (t / TimeSpan.TicksPerDay, 'd'),
            var t when t % TimeSpan.TicksPerHour == 0 => (t / TimeSpan.TicksPerHour, 'h'),
            var t when t % TimeSpan.TicksPerMinute == 0 => (t / TimeSpan.TicksPerMinute, 'm'),
            var t => (t / TimeSpan.TicksPerSecond, 's'),
        };
        return count.ToString(CultureInfo.InvariantCulture) + unit;
    }
}
