using System.Diagnostics;

namespace OrleansMl.Streams.Tests.Support;

/// <summary>Bounded waits for something to come.</summary>
internal static class Arrive
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static async Task UntilAsync(Func<bool> isThere, string what) => await UntilAsync(() => Task.FromResult(isThere()), what);

    public static async Task UntilAsync(Func<Task<bool>> isThere, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isThere())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
                throw new TimeoutException($"Waited {Limit.TotalSeconds} s for: {what}");
            await Task.Delay(20);
        }
    }

    /// <summary>This many records, in the order they came. A log that is away for a while is waited for.</summary>
    public static async Task<List<LogRecord>> ReadAsync(ILogReader reader, int count)
    {
        var records = new List<LogRecord>();
        var start = Stopwatch.GetTimestamp();
        while (records.Count < count)
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
                throw new TimeoutException($"Waited {Limit.TotalSeconds} s for {count} records; {records.Count} came.");
            try
            {
                records.AddRange(await reader.ReadAsync(Math.Min(500, count - records.Count), TimeSpan.FromMilliseconds(100), CancellationToken.None));
            }
            catch (IOException)
            {
                // Told once; reading goes on by itself.
            }
        }

        return records;
    }
}
