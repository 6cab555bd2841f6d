using System.Diagnostics;

namespace OrleansMl.Testing;

/// <summary>Waits for what another process, or a stream, does in its own time.</summary>
internal static class Eventually
{
    /// <summary>Asks until the answer is null.</summary>
    /// <param name="whyNotYet">Null when it is so, else what is still missing.</param>
    /// <param name="patience">Longest wait; 20 s by default.</param>
    /// <exception cref="TimeoutException">It never was so; the text says what was missing.</exception>
    public static async Task IsAsync(Func<Task<string?>> whyNotYet, TimeSpan? patience = null)
    {
        var clock = Stopwatch.StartNew();
        while (await whyNotYet() is { } why)
        {
            if (clock.Elapsed > (patience ?? TimeSpan.FromSeconds(20)))
                throw new TimeoutException($"After {clock.Elapsed.TotalSeconds:0} s: {why}");
            await Task.Delay(20);
        }
    }
}
