using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>One consumer of a stream and how far it is.</summary>
internal sealed class StreamConsumer(StreamSubscriber subscriber, QualifiedStreamId stream, IStreamConsumerExtension reference)
{
    public GuidId SubscriptionId => subscriber.SubscriptionId;

    public QualifiedStreamId Stream => stream;

    public IStreamConsumerExtension Reference => reference;

    public IQueueCacheCursor? Cursor { get; set; }

    /// <summary>What the consumer is told was delivered last.</summary>
    public StreamHandshakeToken? LastToken { get; set; }

    /// <summary>The oldest message that came while the consumer was being asked where to start.</summary>
    public StreamSequenceToken? Pending { get; set; }

    public bool IsRegistered { get; set; }

    /// <summary>A delivery loop runs.</summary>
    public bool IsActive { get; set; }

    public void MoveTo(IQueueCacheCursor? cursor)
    {
        Cursor?.Dispose();
        Cursor = cursor;
    }
}

/// <summary>The consumers of one stream that has come through the queue.</summary>
internal sealed class StreamConsumers(long now)
{
    public List<StreamConsumer> All { get; } = [];

    /// <summary>Time stamp of the last message.</summary>
    public long LastActivity { get; set; } = now;

    /// <summary>While it runs, the queue is not read.</summary>
    public Task Registration { get; set; } = Task.CompletedTask;

    public void Dispose()
    {
        foreach (var consumer in All)
            consumer.MoveTo(null);
        All.Clear();
    }
}
