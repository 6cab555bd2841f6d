using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.Streams;

/// <summary>
/// Stores what could not be delivered as dead letters. The agent moves the consumer on when this completes, so it completes
/// only when they are stored.
/// </summary>
internal sealed class LogDeliveryFailureHandler(Func<LogQueue?> queue) : IStreamFailureHandler
{
    public bool ShouldFaultSubsriptionOnError => false;

    public async Task OnDeliveryFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken)
    {
        // Without a token it was the search for a place in the cache that failed: no record is meant.
        if (sequenceToken is not null && queue() is { } partition)
            await partition.PutAsideAsync(streamIdentity, sequenceToken.SequenceNumber);
    }

    public Task OnSubscriptionFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken) => Task.CompletedTask;
}
