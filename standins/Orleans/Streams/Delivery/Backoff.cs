namespace Orleans.Internal
{
    /// <summary>How long to wait after a failed attempt.</summary>
    public interface IBackoffProvider
    {
        TimeSpan Next(int attempt);
    }

    /// <summary>Always the same.</summary>
    public class FixedBackoff(TimeSpan delay) : IBackoffProvider
    {
        public TimeSpan Next(int attempt) => delay;
    }

    /// <summary>At random up to a limit that doubles with each attempt.</summary>
    internal sealed class ExponentialBackoff(TimeSpan min, TimeSpan max, TimeSpan step) : IBackoffProvider
    {
        public TimeSpan Next(int attempt)
        {
            var limit = min + (step * Math.Pow(2, Math.Min(attempt, 30)));
            return min + ((limit < max ? limit - min : max - min) * Random.Shared.NextDouble());
        }
    }

    internal static class Retries
    {
        /// <param name="maxAttempts">Null: no limit.</param>
        /// <param name="maxTime">No attempt starts later than this after the first; null: no limit.</param>
        public static async Task<T> RunAsync<T>(Func<Task<T>> attempt, int? maxAttempts, TimeSpan? maxTime, Func<Exception, int, bool> again, IBackoffProvider backoff, CancellationToken token)
        {
            var start = TimeProvider.System.GetTimestamp();
            for (var i = 0; ; i++)
            {
                try
                {
                    return await attempt();
                }
                catch (Exception error)
                {
                    if (i + 1 >= maxAttempts || !again(error, i))
                        throw;
                    // Cancelled: what failed last is what the caller learns.
                    await Task.Delay(backoff.Next(i), token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                    if (token.IsCancellationRequested || TimeProvider.System.GetElapsedTime(start) > maxTime)
                        throw;
                }
            }
        }
    }
}

namespace Orleans.Runtime.Providers
{
    /// <summary>Between attempts to deliver.</summary>
    public interface IMessageDeliveryBackoffProvider : Internal.IBackoffProvider;

    /// <summary>Between attempts to read a queue.</summary>
    public interface IQueueReaderBackoffProvider : Internal.IBackoffProvider;
}
