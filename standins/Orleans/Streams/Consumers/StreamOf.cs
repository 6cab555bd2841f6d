using Orleans.Providers.Streams.Common;
using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>A stream of a persistent provider.</summary>
[GenerateSerializer, Immutable]
internal sealed class StreamOf<T>(PersistentStreamProvider provider, StreamId id) : IAsyncStream<T>
{
    public StreamId StreamId => id;

    public string ProviderName => provider.Name;

    public bool IsRewindable => provider.IsRewindable;

    public QualifiedStreamId QualifiedId => new(provider.Name, id);

    public Task OnNextAsync(T item, StreamSequenceToken? token = null) => OnNextBatchAsync([item], token);

    public Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null) => provider.ProduceAsync(id, batch, token);

    public Task OnCompletedAsync() => throw new NotImplementedException("OnCompletedAsync is not implemented for now.");

    public Task OnErrorAsync(Exception ex) => throw new NotImplementedException("OnErrorAsync is not implemented for now.");

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer) => SubscribeAsync(observer, null, null, null);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null) =>
        SubscribeAsync(observer, null, token, filterData);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer) => SubscribeAsync(null, observer, null, null);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token) =>
        SubscribeAsync(null, observer, token, null);

    public async Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles()
    {
        var consumer = provider.Consumer();
        var ids = await provider.Subscribers.OfConsumerAsync(QualifiedId, consumer.GrainId);
        return [.. ids.Select(subscription => new StreamSubscription<T>(subscription, this))];
    }

    public Task<StreamSubscriptionHandle<T>> ResumeAsync(GuidId subscription, IAsyncObserver<T>? observer, IAsyncBatchObserver<T>? batchObserver, StreamSequenceToken? token)
    {
        RefuseTokenUnlessRewindable(token);
        return Task.FromResult<StreamSubscriptionHandle<T>>(
            StreamConsumerExtension.Of(provider.Consumer()).Attach(new StreamSubscription<T>(subscription, this, observer, batchObserver, token)));
    }

    public async Task UnsubscribeAsync(GuidId subscription)
    {
        StreamConsumerExtension.Of(provider.Consumer()).Detach(subscription);
        using var section = RequestContext.SuppressCallChainReentrancy();
        await provider.Subscribers.RemoveAsync(QualifiedId, subscription);
    }

    public bool Equals(IAsyncStream<T>? other) => other is StreamOf<T> stream && stream.QualifiedId == QualifiedId;

    public override bool Equals(object? obj) => Equals(obj as IAsyncStream<T>);

    public override int GetHashCode() => QualifiedId.GetHashCode();

    public int CompareTo(IAsyncStream<T>? other) => other is null ? 1 : id.CompareTo(other.StreamId);

    public override string ToString() => QualifiedId.ToString();

    private async Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T>? observer, IAsyncBatchObserver<T>? batchObserver, StreamSequenceToken? token, string? filterData)
    {
        RefuseTokenUnlessRewindable(token);
        if (observer is GrainReference || batchObserver is GrainReference)
            throw new ArgumentException("A consumer subscribes for itself: pass an object, not a grain reference.", nameof(observer));
        using var section = RequestContext.SuppressCallChainReentrancy();
        var consumer = provider.Consumer();
        var extension = StreamConsumerExtension.Of(consumer);
        var subscription = provider.Subscribers.NewSubscription(QualifiedId, consumer.GrainId);
        // Attached first: once it is registered, an event may come before this goes on.
        var handle = extension.Attach(new StreamSubscription<T>(subscription, this, observer, batchObserver, token));
        try
        {
            await provider.Subscribers.AddAsync(QualifiedId, new StreamSubscriber(subscription, consumer.GrainId, filterData));
            return handle;
        }
        catch
        {
            extension.Detach(subscription);
            throw;
        }
    }

    private void RefuseTokenUnlessRewindable(StreamSequenceToken? token)
    {
        if (token is not null && !IsRewindable)
            throw new ArgumentException("Passing a non-null token to a non-rewindable IAsyncObservable.", nameof(token));
    }
}
