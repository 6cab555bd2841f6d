using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>What a consumer's OnErrorAsync gets when an event could not be delivered in time.</summary>
[GenerateSerializer]
public sealed class StreamEventDeliveryFailureException : OrleansException
{
    public StreamEventDeliveryFailureException()
    {
    }

    public StreamEventDeliveryFailureException(string message)
        : base(message)
    {
    }

    public StreamEventDeliveryFailureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The subscription was ended because of an error of delivery.</summary>
[GenerateSerializer]
public sealed class FaultedSubscriptionException : OrleansException
{
    public FaultedSubscriptionException()
    {
    }

    public FaultedSubscriptionException(string message)
        : base(message)
    {
    }

    public FaultedSubscriptionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>What was asked for is not there (any more).</summary>
[GenerateSerializer]
public class DataNotAvailableException : OrleansException
{
    public DataNotAvailableException()
        : this("Data not found")
    {
    }

    public DataNotAvailableException(string message)
        : base(message)
    {
    }

    public DataNotAvailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>The token is older than what the cache still holds.</summary>
[GenerateSerializer]
public sealed class QueueCacheMissException : DataNotAvailableException
{
    public QueueCacheMissException()
        : this("Item no longer in cache")
    {
    }

    public QueueCacheMissException(string message)
        : base(message)
    {
    }

    public QueueCacheMissException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public QueueCacheMissException(StreamSequenceToken requested, StreamSequenceToken low, StreamSequenceToken high)
        : this(requested.ToString(), low.ToString(), high.ToString())
    {
    }

    public QueueCacheMissException(string? requested, string? low, string? high)
        : this($"Item not found in cache.  Requested: {requested}, Low: {low}, High: {high}")
    {
        Requested = requested;
        Low = low;
        High = high;
    }

    [Id(0)]
    public string? Requested { get; private set; }

    [Id(1)]
    public string? Low { get; private set; }

    [Id(2)]
    public string? High { get; private set; }
}

/// <summary>More was added to the cache than it said it takes.</summary>
[GenerateSerializer]
public sealed class CacheFullException : OrleansException
{
    public CacheFullException()
        : this("Queue message cache is full")
    {
    }

    public CacheFullException(string message)
        : base(message)
    {
    }

    public CacheFullException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
