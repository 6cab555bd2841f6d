using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Declaration.Tests;

public class CronScheduleTests
{
    private static readonly TimeZoneInfo s_berlin = CronSchedule.FindZone("Europe/Berlin", out _)!;

    /// <summary>Three times in a row, by hand from the calendar of 2026: in Berlin 2026-03-29 02:00–03:00 is not, and 2026-10-25 02:00–03:00 is twice.</summary>
    [Theory]
    [InlineData("0 3 * * *", "2026-03-28T12:00", "2026-03-29T01:00 2026-03-30T01:00 2026-03-31T01:00")]
    [InlineData("30 2 * * *", "2026-03-28T12:00", "2026-03-29T01:00 2026-03-30T00:30 2026-03-31T00:30")]
    [InlineData("30 2 * * *", "2026-10-24T12:00", "2026-10-25T00:30 2026-10-26T01:30 2026-10-27T01:30")]
    [InlineData("0,30 2 * * *", "2026-10-24T12:00", "2026-10-25T00:00 2026-10-25T00:30 2026-10-26T01:00")]
    [InlineData("*/30 * * * *", "2026-10-24T23:45", "2026-10-25T00:00 2026-10-25T00:30 2026-10-25T01:00")]
    [InlineData("*/30 * * * *", "2026-03-29T00:15", "2026-03-29T00:30 2026-03-29T01:00 2026-03-29T01:30")]
    [InlineData("@daily", "2026-10-24T12:00", "2026-10-24T22:00 2026-10-25T23:00 2026-10-26T23:00")]
    [InlineData("0 9 * * MON-FRI", "2026-11-27T12:00", "2026-11-30T08:00 2026-12-01T08:00 2026-12-02T08:00")]
    [InlineData("0 12 L JAN,FEB *", "2027-12-01T00:00", "2028-01-31T11:00 2028-02-29T11:00 2029-01-31T11:00")]
    [InlineData("0 0 13 * FRI", "2026-01-01T00:00", "2026-02-12T23:00 2026-03-12T23:00 2026-11-12T23:00")]
    public void Times_in_a_zone_with_daylight_saving_are_those_of_its_clocks(string text, string after, string wanted)
    {
        var schedule = CronSchedule.Parse(text, s_berlin, out _)!;
        var times = new List<string>();
        for (var at = Time(after); times.Count < 3;)
            times.Add((at = schedule.Next(at)!.Value).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture));
        Assert.Equal(wanted, string.Join(' ', times));
    }

    [Theory]
    [InlineData("0 0 30 2 *")]
    [InlineData("0 0 31 2,4,6,9,11 *")]
    [InlineData("0 0 31W 2 *")]
    public void What_no_calendar_has_never_comes(string text) => Assert.Null(CronSchedule.Parse(text, s_berlin, out _)!.Next(Time("2026-01-01T00:00")));

    [Fact]
    public void A_leap_day_comes_on_the_weekday_that_is_asked_for() =>
        Assert.Equal(Time("2044-02-29T00:00"), CronSchedule.Parse("0 0 29 2 MON", TimeZoneInfo.Utc, out _)!.Next(Time("2026-01-01T00:00")));

    /// <summary>Walking through the minutes and looking at each is the plainest meaning that an expression can have.</summary>
    [Fact]
    public void The_next_time_is_the_first_minute_that_fits_every_field()
    {
        var expressions = from minute in Field(0, 59) from hour in Field(0, 23) from day in Field(1, 31) select (minute, hour, day);
        var cases = from fields in expressions from offset in Gen.Choose(0, 700_000) select (fields, start: Time("2026-01-01T00:00").AddMinutes(offset).AddSeconds(17));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(cases.ToArbitrary(), given =>
        {
            var ((minute, hour, day), start) = given;
            var next = CronSchedule.Parse($"{minute.Text} {hour.Text} {day.Text} * *", TimeZoneInfo.Utc, out _)!.Next(start)!.Value;
            var walked = start.AddSeconds(-17);
            do
                walked = walked.AddMinutes(1);
            while (!minute.Values.Contains(walked.Minute) || !hour.Values.Contains(walked.Hour) || !day.Values.Contains(walked.Day));
            return next == walked && next.Kind == DateTimeKind.Utc;
        }));
    }

    [Fact]
    public void The_last_time_of_a_stretch_is_the_one_that_going_on_finds()
    {
        string[] texts = ["* * * * *", "*/7 3 * * *", "0 3 * * *", "30 2 * * SUN", "0 0 1 * *", "@yearly"];
        var cases = from text in Gen.Elements(texts) from start in Gen.Choose(0, 525_600) from length in Gen.OneOf(Gen.Choose(0, 90), Gen.Choose(0, 20_000)) select (text, start, length);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(cases.ToArbitrary(), given =>
        {
            var schedule = CronSchedule.Parse(given.text, s_berlin, out _)!;
            var from = Time("2026-01-01T00:00").AddMinutes(given.start);
            var to = from.AddMinutes(given.length);
            DateTime? last = null;
            for (var next = schedule.Next(from); next <= to; next = schedule.Next(next.Value))
                last = next;
            return schedule.Last(from, to) == last;
        }));
    }

    [Fact]
    public void A_text_of_any_kind_is_read_or_refused_with_a_reason()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), text =>
            CronSchedule.Parse(text, TimeZoneInfo.Utc, out var reason) is null ? reason!.Length > 0 : reason is null));
        foreach (var text in new[] { "", " ", "@", "H * * * *", "* * * *", "? ? ? ? ?", new string('*', 10_000), "0 0 * * 8", "-1 * * * *", "0 0 1-0 * *", "1,,2 * * * *", "*/0 * * * *" })
            _ = CronSchedule.Parse(text, TimeZoneInfo.Utc, out _) is null;
    }

    [Fact]
    public void A_zone_that_is_not_there_is_named_with_the_remedy()
    {
        Assert.Null(CronSchedule.FindZone("Middle/Earth", out var reason));
        Assert.Equal("There is no time zone 'Middle/Earth'; give an IANA name such as Europe/Berlin, or UTC.", reason);
        Assert.Same(TimeZoneInfo.Utc, CronSchedule.FindZone("UTC", out _));
    }

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    /// <summary>A field as text with the values that it stands for.</summary>
    private static Gen<(string Text, HashSet<int> Values)> Field(int min, int max)
    {
        var value = Gen.Choose(min, max);
        return Gen.OneOf(
            Gen.Constant(("*", Enumerable.Range(min, max - min + 1).ToHashSet())),
            from one in value select (Invariant(one), new HashSet<int> { one }),
            from a in value from b in value select ($"{Invariant(a)},{Invariant(b)}", new HashSet<int> { a, b }),
            from a in value
            from b in value
            let low = Math.Min(a, b)
            let high = Math.Max(a, b)
            select ($"{Invariant(low)}-{Invariant(high)}", Enumerable.Range(low, high - low + 1).ToHashSet()),
            from step in Gen.Choose(1, max) select ($"*/{Invariant(step)}", Enumerable.Range(min, max - min + 1).Where(n => (n - min) % step == 0).ToHashSet()));
    }

    private static string Invariant(int value) => value.ToString(CultureInfo.InvariantCulture);
}
