namespace OrleansMl.Storage.Embedded.Sqlite;

/// <summary>Times as stored: UTC in units of 100 ns since year 1. A time of unspecified kind counts as UTC.</summary>
internal static class StoredTime
{
    public static long ToTicks(DateTime time) => time.Kind == DateTimeKind.Local ? time.ToUniversalTime().Ticks : time.Ticks;

    public static DateTime FromTicks(long ticks) => new(ticks, DateTimeKind.Utc);
}
