namespace OrleansMl;

/// <summary>Follows a grain by long poll: it is asked again and again, and what passes by itself (a grain that moves, a silo that leaves) is waited out.</summary>
internal static class LongPoll
{
    /// <summary>A silo that stops answers at once with what stands: not to be asked again in a rush.</summary>
    private static readonly TimeSpan s_betweenSame = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan s_afterFailure = TimeSpan.FromMilliseconds(200);

    /// <summary>Follows until it is cancelled; never throws.</summary>
    /// <param name="ask">Asks once, and takes what comes; false: nothing is new.</param>
    /// <param name="failed">Says what went wrong; it is tried again.</param>
    /// <param name="stopping">Ends it.</param>
    public static async Task FollowAsync(Func<CancellationToken, Task<bool>> ask, Action<Exception> failed, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!await ask(stopping))
                    await Task.Delay(s_betweenSame, stopping);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failed(exception);
                await Task.Delay(s_afterFailure, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
