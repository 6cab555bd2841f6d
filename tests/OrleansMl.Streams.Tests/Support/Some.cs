using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orleans.Runtime;

namespace OrleansMl.Streams.Tests.Support;

/// <summary>Records to test with.</summary>
internal static class Some
{
    public static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    public static StreamId Stream(string ns, string key) => StreamId.Create(ns, key);

    public static StreamRecord Record(string id, string? key = null, string data = "{}", string type = "click") =>
        new() { Id = id, Type = type, Key = key, Data = Encoding.UTF8.GetBytes(data) };

    public static List<StreamRecord> Records(int count, string? key = null, int from = 0, int bytes = 0) =>
        [.. Enumerable.Range(from, count).Select(i => Record(Number(i), key, $"{{\"pad\":\"{new string('x', bytes)}\"}}"))];

    public static StreamRecord Full() => new()
    {
        Id = "e-1",
        Type = "purchase",
        Key = "client:42",
        Time = Noon.AddTicks(1_234_567),
        Subject = "client/42",
        TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ContentType = "application/json; charset=utf-8",
        Data = "{\"amount\":\"12.50 €\"}"u8.ToArray(),
        Headers = [new("x-one", "1"), new("x-two", "zwei ☂"), new("x-one", "again")],
    };

    public static string Number(int i) => i.ToString("d6", CultureInfo.InvariantCulture);

    /// <summary>Records are equal by reference in their data and headers; this compares what they hold.</summary>
    public static void Same(StreamRecord expected, StreamRecord actual)
    {
        Assert.Equal(expected.Data.ToArray(), actual.Data.ToArray());
        Assert.Equal(expected.Headers.AsEnumerable(), actual.Headers.AsEnumerable());
        Assert.Equal(Bare(expected), Bare(actual));
        static StreamRecord Bare(StreamRecord record) => record with { Data = default, Headers = ImmutableArray<KeyValuePair<string, string>>.Empty };
    }
}
