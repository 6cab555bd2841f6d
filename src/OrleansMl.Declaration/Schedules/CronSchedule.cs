using Cronos;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>
/// Times of a cron expression of five fields (minute, hour, day of month, month, day of week; lists, ranges, steps, names, <c>L</c>,
/// <c>W</c>, <c>#</c>) or a macro (<c>@hourly</c> … <c>@yearly</c>) in a time zone. Where both days are restricted, both must fit.
/// Daylight saving: a time that a gap leaves out comes right after the gap; one that is there twice comes once, the first time, while an
/// expression of intervals (a star or a step in minutes or hours) goes on through both. Cronos has the rules.
/// </summary>
public sealed class CronSchedule
{
    /// <summary>Name of the zone that is taken where none is given.</summary>
    public const string Utc = "UTC";

    private const int MaxLength = 200;

    private static readonly string[] s_macros = ["@every_minute", "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"];

    private readonly CronExpression _expression;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(CronExpression expression, TimeZoneInfo zone) => (_expression, _zone) = (expression, zone);

    /// <summary>Reads an expression.</summary>
    /// <param name="text">As written.</param>
    /// <param name="zone">Its time zone.</param>
    /// <param name="reason">What is wrong with it and what to write; null when it was read.</param>
    /// <returns>Null when it is none.</returns>
    public static CronSchedule? Parse(string text, TimeZoneInfo zone, out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(zone);
        const string Form = "write five fields, minute hour day month weekday (\"0 3 * * *\"), or a macro such as @daily";
        reason = null;
        if (text.Length > MaxLength)
            reason = $"it has {text.Length} characters, and {MaxLength} are the limit: {Form}";
        else if (text.TrimStart() is ['@', ..] && !s_macros.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase))
            reason = $"that is none of the macros {string.Join(", ", s_macros)}";
        else
        {
            try
            {
                return new CronSchedule(CronExpression.Parse(text), zone);
            }
            catch (Exception exception) when (exception is FormatException or MissingSeedException)
            {
                // Cronos says the field and its bounds. An H, which stands for a number drawn of a seed, throws MissingSeedException.
                reason = $"{Sentence(exception.Message)}: {Form}";
            }
        }

        return null;
    }

    /// <summary>A time zone by its IANA name.</summary>
    /// <param name="name">As <c>Europe/Berlin</c>, or <c>UTC</c>.</param>
    /// <param name="reason">Why there is none, with the remedy; null when it was found.</param>
    public static TimeZoneInfo? FindZone(string name, out string? reason)
    {
        reason = null;
        if (name == Utc)
            return TimeZoneInfo.Utc;
        if (name.Length is > 0 and <= MaxLength && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
            return zone;
        reason = HasZones
            ? $"There is no time zone '{Excerpt.Of(name)}'; give an IANA name such as Europe/Berlin, or {Utc}."
            : $"This machine has no time zone data, so it does not know '{Excerpt.Of(name)}': install the package tzdata, or give times in {Utc}.";
        return null;
    }

    /// <summary>The first time after one; null: there is none, ever.</summary>
    /// <param name="after">Itself out.</param>
    public DateTime? Next(DateTime after) => _expression.GetNextOccurrence(after.Kind == DateTimeKind.Utc ? after : after.ToUniversalTime(), _zone);

    /// <summary>The last time up to one, itself in, and after another; null: there is none between.</summary>
    /// <param name="from">Itself out.</param>
    /// <param name="to">Itself in.</param>
    public DateTime? Last(DateTime from, DateTime to)
    {
        if (to <= from)
            return null;

        // Halving finds a stretch with few times in it, however many an hour had: a cluster may have been away for months.
        var (low, high) = (from, to);
        while (high - low > TimeSpan.FromHours(1))
        {
            var middle = low + ((high - low) / 2);
            if (Next(middle) is { } next && next <= to)
                low = middle;
            else
                high = middle;
        }

        DateTime? last = null;
        for (var next = Next(low); next <= to; next = Next(next.Value))
            last = next;
        return last;
    }

    private static bool HasZones => TimeZoneInfo.TryFindSystemTimeZoneById("Europe/London", out _);

    private static string Sentence(string text) => text.TrimEnd('.') is [var first, .. var rest] ? char.ToLowerInvariant(first) + rest : text;
}
