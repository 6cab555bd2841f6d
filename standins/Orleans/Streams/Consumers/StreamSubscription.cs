using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>An observer attached to a subscription, whatever its event type.</summary>
internal interface IAttachedObserver
{
    GuidId SubscriptionId { get; }

    StreamHandshakeToken? Expected { get; }

    /// <returns>Null: delivered; otherwise where the consumer wants to go on.</returns>
    Task<StreamHandshakeToken?> DeliverAsync(IBatchContainer batch, StreamHandshakeToken? handshake);

    Task FailAsync(Exception error);
}

/// <summary>Where a consumer of a rewindable stream stands: at a token it asked for, or at the last one delivered.</summary>
[GenerateSerializer, Immutable]
internal sealed record StreamHandshakeToken([property: Id(0)] StreamSequenceToken Token, [property: Id(1)] bool Delivered);

/// <summary>A subscription as its grain holds it.</summary>
internal sealed class StreamSubscription<T>(
    GuidId id, StreamOf<T> stream, IAsyncObserver<T>? observer = null, IAsyncBatchObserver<T>? batchObserver = null, StreamSequenceToken? start = null)
    : StreamSubscriptionHandle<T>, IAttachedObserver
{
    private StreamOf<T>? _stream = stream;

    public GuidId SubscriptionId => id;

    public override Guid HandleId => id.Guid;

    public override StreamId StreamId => Valid.StreamId;

    public override string ProviderName => Valid.ProviderName;

    public StreamHandshakeToken? Expected { get; private set; } = start is null ? null : new StreamHandshakeToken(start, Delivered: false);

    private StreamOf<T> Valid => _stream ?? throw new InvalidOperationException("Handle is no longer valid. It has been used to unsubscribe or resume.");

    public override async Task UnsubscribeAsync()
    {
        await Valid.UnsubscribeAsync(id);
        _stream = null;
    }

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null) => ResumeAsync(observer, null, token);

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token = null) => ResumeAsync(null, observer, token);

    public async Task<StreamHandshakeToken?> DeliverAsync(IBatchContainer batch, StreamHandshakeToken? handshake)
    {
        var delivered = new StreamHandshakeToken(batch.SequenceToken, Delivered: true);
        if (Expected is not null && (Expected != handshake || Expected == delivered))
            return Expected;
        if (batchObserver is not null)
        {
            IList<SequentialItem<T>> items = [.. batch.GetEvents<T>().Select(e => new SequentialItem<T>(e.Item1, e.Item2))];
            if (items.Count > 0 && _stream is not null)
                await batchObserver.OnNextAsync(items);
        }
        else if (observer is not null)
        {
            await DeliverOneByOneAsync(observer, batch);
        }

        if (_stream is { IsRewindable: true })
            Expected = delivered;
        return null;
    }

    public Task FailAsync(Exception error) => observer?.OnErrorAsync(error) ?? batchObserver?.OnErrorAsync(error) ?? Task.CompletedTask;

    public override bool Equals(StreamSubscriptionHandle<T>? other) => other is StreamSubscription<T> handle && handle.SubscriptionId == id;

    public override bool Equals(object? obj) => Equals(obj as StreamSubscriptionHandle<T>);

    public override int GetHashCode() => id.GetHashCode();

    public override string ToString() => $"Subscription {id} of {_stream?.ToString() ?? "none"}";

    private async Task DeliverOneByOneAsync(IAsyncObserver<T> target, IBatchContainer batch)
    {
        foreach (var part in batch is IBatchContainerBatch several ? several.BatchContainers : [batch])
        {
            // One container came with its own request context already.
            var imported = !ReferenceEquals(part, batch) && part.ImportRequestContext();
            foreach (var (item, token) in part.GetEvents<T>())
            {
                if (_stream is null)
                    return;
                await target.OnNextAsync(item, token);
            }

            if (imported)
                RequestContext.Clear();
        }
    }

    private async Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T>? single, IAsyncBatchObserver<T>? batch, StreamSequenceToken? token)
    {
        var resumed = await Valid.ResumeAsync(id, single, batch, token);
        _stream = null;
        return resumed;
    }
}
