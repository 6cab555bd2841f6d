using Orleans.Runtime.Providers;

namespace OrleansMl.Streams;

/// <summary>Pauses between tries of a delivery: doubling, each with up to a quarter off by chance.</summary>
internal sealed class LogStreamBackoff(LogStreamOptions options) : IMessageDeliveryBackoffProvider, IQueueReaderBackoffProvider
{
    private readonly DoublingPause _pause = new(options.MinBackoff, options.MaxBackoff);

    /// <param name="attempt">From 0.</param>
    public TimeSpan Next(int attempt) => _pause.After(attempt + 1) * (1 - (Random.Shared.NextDouble() / 4));
}
