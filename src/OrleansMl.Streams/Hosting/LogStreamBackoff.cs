using Orleans.Runtime.Providers;

namespace OrleansMl.Streams;

/// <summary>Pauses between tries of a delivery: doubling, each with up to a quarter off by chance.</summary>
internal sealed class LogStreamBackoff(LogStreamOptions options) : IMessageDeliveryBackoffProvider, IQueueReaderBackoffProvider
{
    public TimeSpan Next(int attempt)
    {
        var pause = Math.Min(options.MinBackoff.TotalMilliseconds * Math.Pow(2, Math.Clamp(attempt, 0, 20)), options.MaxBackoff.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(pause * (1 - (Random.Shared.NextDouble() / 4)));
    }
}
