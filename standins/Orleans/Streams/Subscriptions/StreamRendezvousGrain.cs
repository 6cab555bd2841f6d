using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Streams;

/// <summary>The explicit consumers of one stream; its key is provider/namespace/key.</summary>
internal interface IStreamRendezvousGrain : IGrainWithStringKey
{
    Task<List<StreamSubscriber>> GetSubscribers();

    Task Add(QualifiedStreamId stream, StreamSubscriber subscriber);

    Task Remove(QualifiedStreamId stream, GuidId subscription);
}

[GenerateSerializer]
internal sealed class StreamRendezvousState
{
    [Id(0)]
    public List<StreamSubscriber> Subscribers { get; set; } = [];
}

/// <summary>Keeps them in the store named as the provider, or else in "PubSubStore".</summary>
[GrainType("pubsubrendezvous")]
internal sealed class StreamRendezvousGrain : Grain, IStreamRendezvousGrain
{
    private readonly IStorage<StreamRendezvousState> _storage;
    private readonly IServiceProvider _services;

    public StreamRendezvousGrain(IPersistentStateFactory states, IServiceProvider services)
    {
        _services = services;
        var key = GrainContext.GrainId.Key.ToString();
        var provider = key[..key.IndexOf('/')];
        var store = services.GetKeyedService<IGrainStorage>(provider) is null ? ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME : provider;
        _storage = states.Create<StreamRendezvousState>(GrainContext, new PersistentStateAttribute("PubSubRendezvousGrain", store));
    }

    public Task<List<StreamSubscriber>> GetSubscribers() => Task.FromResult(_storage.State.Subscribers);

    public async Task Add(QualifiedStreamId stream, StreamSubscriber subscriber)
    {
        _storage.State.Subscribers.Add(subscriber);
        await WriteAsync();
        if (Agents(stream) is { } agents)
            await agents.AddSubscriberAsync(stream, subscriber);
    }

    public async Task Remove(QualifiedStreamId stream, GuidId subscription)
    {
        if (_storage.State.Subscribers.RemoveAll(s => s.SubscriptionId == subscription) > 0)
            await WriteAsync();
        if (Agents(stream) is { } agents)
            await agents.RemoveSubscriberAsync(stream, subscription);
    }

    private PullingManager? Agents(QualifiedStreamId stream) =>
        (_services.GetKeyedService<IStreamProvider>(stream.ProviderName) as Providers.Streams.Common.PersistentStreamProvider)?.Agents;

    private async Task WriteAsync()
    {
        try
        {
            await _storage.WriteStateAsync();
        }
        catch
        {
            // What is in memory is no longer what is stored: the next call reads again.
            DeactivateOnIdle();
            throw;
        }
    }
}
