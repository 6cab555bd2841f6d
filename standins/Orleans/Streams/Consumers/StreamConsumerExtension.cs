using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Streams.Core;

namespace Orleans.Streams;

/// <summary>How an agent calls a consumer: ordinary calls, admitted like any other.</summary>
internal interface IStreamConsumerExtension : IGrainExtension
{
    Task<StreamHandshakeToken?> DeliverBatch(GuidId subscription, QualifiedStreamId stream, [Immutable] IBatchContainer batch, StreamHandshakeToken? handshake);

    Task ErrorInStream(GuidId subscription, Exception error);

    Task<StreamHandshakeToken?> GetSequenceToken(GuidId subscription);
}

/// <summary>The observers of one activation.</summary>
internal sealed class StreamConsumerExtension(IGrainContextAccessor accessor, IServiceProvider services, ILogger<StreamConsumerExtension> logger) : IStreamConsumerExtension
{
    private readonly IGrainContext _grain = accessor.GrainContext;
    private readonly ConcurrentDictionary<GuidId, IAttachedObserver> _attached = new();

    public static StreamConsumerExtension Of(Activation activation) =>
        (StreamConsumerExtension)(activation.GetComponent(typeof(IStreamConsumerExtension))
            ?? throw new InvalidOperationException("The silo has no streams: add a provider with AddPersistentStreams or AddMemoryStreams."));

    public StreamSubscription<T> Attach<T>(StreamSubscription<T> subscription)
    {
        _attached[subscription.SubscriptionId] = subscription;
        return subscription;
    }

    public void Detach(GuidId subscription) => _attached.TryRemove(subscription, out _);

    public async Task<StreamHandshakeToken?> DeliverBatch(GuidId subscription, QualifiedStreamId stream, IBatchContainer batch, StreamHandshakeToken? handshake)
    {
        if (!_attached.TryGetValue(subscription, out var observer) && _grain.GrainInstance is IStreamSubscriptionObserver subscriber
            && services.GetKeyedService<IStreamProvider>(stream.ProviderName) is { } provider)
        {
            await subscriber.OnSubscribed(new HandleFactory(provider, stream.StreamId, subscription));
            _attached.TryGetValue(subscription, out observer);
        }

        if (observer is not null)
            return await observer.DeliverAsync(batch, handshake);
        logger.LogWarning("Grain {GrainId} got an event of stream {Stream} and has no observer attached: the event is dropped.", _grain.GrainId, stream);
        return null;
    }

    public Task ErrorInStream(GuidId subscription, Exception error) =>
        _attached.TryGetValue(subscription, out var observer) ? observer.FailAsync(error) : Task.CompletedTask;

    public Task<StreamHandshakeToken?> GetSequenceToken(GuidId subscription) =>
        Task.FromResult(_attached.TryGetValue(subscription, out var observer) ? observer.Expected : null);

    private sealed class HandleFactory(IStreamProvider provider, StreamId stream, GuidId subscription) : IStreamSubscriptionHandleFactory
    {
        public StreamId StreamId => stream;

        public string ProviderName => provider.Name;

        public GuidId SubscriptionId => subscription;

        public StreamSubscriptionHandle<T> Create<T>() => new StreamSubscription<T>(subscription, (StreamOf<T>)provider.GetStream<T>(stream));
    }
}
