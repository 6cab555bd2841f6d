using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>Makes the cache of a queue.</summary>
public interface IQueueAdapterCache
{
    IQueueCache CreateQueueCache(QueueId queueId);
}

/// <summary>Says how much may be read at once.</summary>
public interface IQueueFlowController
{
    int GetMaxAddCount();
}

/// <summary>What was read and is not yet delivered to every consumer.</summary>
public interface IQueueCache : IQueueFlowController
{
    void AddToCache(IList<IBatchContainer> messages);

    /// <summary>Lets go of what no cursor needs any more, from the oldest on.</summary>
    bool TryPurgeFromCache([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out IList<IBatchContainer> purgedItems);

    IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token);

    bool IsUnderPressure();

    void UpdateDeliveryProgress(StreamSequenceToken? earliestSubscriptionToken, DateTime utcNow)
    {
    }
}

/// <summary>One consumer's way through the cache.</summary>
public interface IQueueCacheCursor : IDisposable
{
    IBatchContainer? GetCurrent(out Exception? exception);

    bool MoveNext();

    /// <summary>There is something new from this token on.</summary>
    void Refresh(StreamSequenceToken token);

    /// <summary>The current message could not be delivered: it is not acknowledged when it leaves the cache.</summary>
    void RecordDeliveryFailure();
}

/// <summary>A cursor that keeps several messages together until they are delivered.</summary>
internal interface IBatchingCursor
{
    /// <summary>What is read from here on stays in the cache until the result is disposed of.</summary>
    IDisposable Hold();

    /// <summary>Marks all that was read since <see cref="Hold"/>.</summary>
    void RecordFailureOfHeld();
}
