using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>How consumers of a provider's streams are known.</summary>
public enum StreamPubSubType
{
    ExplicitGrainBasedAndImplicit,
    ExplicitGrainBasedOnly,
    ImplicitOnly,
}

/// <summary>A consumer of a stream.</summary>
[GenerateSerializer, Immutable]
internal sealed record StreamSubscriber([property: Id(0)] GuidId SubscriptionId, [property: Id(1)] GrainId Consumer, [property: Id(2)] string? FilterData);

/// <summary>The consumers of one provider's streams, in a silo.</summary>
internal sealed class StreamSubscribers(StreamPubSubType type, IGrainFactory grains)
{
    private bool Explicit => type != StreamPubSubType.ImplicitOnly;

    private bool Implicit => type != StreamPubSubType.ExplicitGrainBasedOnly;

    public async Task<List<StreamSubscriber>> OfAsync(QualifiedStreamId stream)
    {
        List<StreamSubscriber> all = Explicit ? await Rendezvous(stream).GetSubscribers() : [];
        if (Implicit)
            all.AddRange(ImplicitSubscriptions.Of(stream));
        return all;
    }

    /// <exception cref="ArgumentOutOfRangeException">The consumer is no implicit one, and the provider knows no others.</exception>
    public GuidId NewSubscription(QualifiedStreamId stream, GrainId consumer)
    {
        if (Implicit && ImplicitSubscriptions.TryGetId(consumer.Type, stream, out var id))
            return id;
        if (Explicit)
            return ImplicitSubscriptions.NewExplicitId();
        throw new ArgumentOutOfRangeException(
            stream.ToString(),
            $"The stream provider '{stream.ProviderName}' is configured with StreamPubSubType.ImplicitOnly: '{consumer}' has no [ImplicitStreamSubscription] for this stream. Add the attribute, or choose ExplicitGrainBasedAndImplicit with ConfigureStreamPubSub.");
    }

    public Task AddAsync(QualifiedStreamId stream, StreamSubscriber subscriber) =>
        ImplicitSubscriptions.IsImplicit(subscriber.SubscriptionId) ? Task.CompletedTask : Rendezvous(stream).Add(stream, subscriber);

    public Task RemoveAsync(QualifiedStreamId stream, GuidId subscription) =>
        ImplicitSubscriptions.IsImplicit(subscription) ? Task.CompletedTask : Rendezvous(stream).Remove(stream, subscription);

    public async Task<List<GuidId>> OfConsumerAsync(QualifiedStreamId stream, GrainId consumer)
    {
        if (Implicit && ImplicitSubscriptions.TryGetId(consumer.Type, stream, out var id))
            return [id];
        return Explicit ? [.. (await Rendezvous(stream).GetSubscribers()).Where(s => s.Consumer == consumer).Select(s => s.SubscriptionId)] : [];
    }

    private IStreamRendezvousGrain Rendezvous(QualifiedStreamId stream) => grains.GetGrain<IStreamRendezvousGrain>(stream.ToString());
}
