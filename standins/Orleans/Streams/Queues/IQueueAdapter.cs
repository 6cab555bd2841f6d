using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>What a provider lets its users do.</summary>
public enum StreamProviderDirection
{
    None,
    ReadOnly,
    WriteOnly,
    ReadWrite,
}

/// <summary>Makes the parts of a provider.</summary>
public interface IQueueAdapterFactory
{
    [Obsolete("Use the overload which accepts a CancellationToken.")]
    Task<IQueueAdapter> CreateAdapter();

    Task<IQueueAdapter> CreateAdapter(CancellationToken cancellationToken) => CreateAdapter();

    IQueueAdapterCache GetQueueAdapterCache();

    IStreamQueueMapper GetStreamQueueMapper();

    Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId);
}

/// <summary>Writes events into queues and makes receivers of queues.</summary>
public interface IQueueAdapter
{
    string Name { get; }

    bool IsRewindable { get; }

    StreamProviderDirection Direction { get; }

    /// <summary>Completes when the queue has accepted the events.</summary>
    Task QueueMessageBatchAsync<T>(StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext);

    IQueueAdapterReceiver CreateReceiver(QueueId queueId);
}

public static class QueueAdapterExtensions
{
    public static Task QueueMessageAsync<T>(this IQueueAdapter adapter, StreamId streamId, T evt, StreamSequenceToken? token, Dictionary<string, object>? requestContext) =>
        adapter.QueueMessageBatchAsync(streamId, [evt], token, requestContext);
}

public static class QueueAdapterConstants
{
    public const int UNLIMITED_GET_QUEUE_MSG = -1;
}

/// <summary>Reads one queue. Its members are never called concurrently, except that a cancelled read may still be on its way to the end.</summary>
public interface IQueueAdapterReceiver
{
    Task Initialize(TimeSpan timeout);

    Task Initialize(TimeSpan timeout, CancellationToken cancellationToken) => Initialize(timeout);

    [Obsolete("Use the overload which accepts a CancellationToken.")]
    Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount);

    Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken) => GetQueueMessagesAsync(maxCount);

    /// <summary>These have left the cache, oldest first, without those whose delivery was given up.</summary>
    [Obsolete("Use the overload which accepts a CancellationToken.")]
    Task MessagesDeliveredAsync(IList<IBatchContainer> messages);

    Task MessagesDeliveredAsync(IList<IBatchContainer> messages, CancellationToken cancellationToken) => MessagesDeliveredAsync(messages);

    Task Shutdown(TimeSpan timeout);

    Task Shutdown(TimeSpan timeout, CancellationToken cancellationToken) => Shutdown(timeout);
}

/// <summary>The events of one message of a queue.</summary>
public interface IBatchContainer
{
    StreamId StreamId { get; }

    StreamSequenceToken SequenceToken { get; }

    IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>();

    /// <returns>True: the request context was set, and is cleared after the call.</returns>
    bool ImportRequestContext();
}

/// <summary>Several messages delivered in one call.</summary>
public interface IBatchContainerBatch : IBatchContainer
{
    List<IBatchContainer> BatchContainers { get; }
}

/// <summary>Learns what could not be delivered.</summary>
public interface IStreamFailureHandler
{
    bool ShouldFaultSubsriptionOnError { get; }

    Task OnDeliveryFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken);

    Task OnSubscriptionFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken);
}

/// <summary>Does nothing about what could not be delivered.</summary>
public class NoOpStreamDeliveryFailureHandler(bool faultOnError) : IStreamFailureHandler
{
    public NoOpStreamDeliveryFailureHandler()
        : this(false)
    {
    }

    public bool ShouldFaultSubsriptionOnError { get; } = faultOnError;

    public Task OnDeliveryFailure(GuidId subscriptionId, string streamProviderName, StreamId streamId, StreamSequenceToken? sequenceToken) => Task.CompletedTask;

    public Task OnSubscriptionFailure(GuidId subscriptionId, string streamProviderName, StreamId streamId, StreamSequenceToken? sequenceToken) => Task.CompletedTask;
}
