using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Streams;

namespace Orleans.Providers;

/// <summary>One queue of a memory provider; its key is provider/number.</summary>
internal interface IMemoryStreamQueueGrain : IGrainWithStringKey
{
    Task Enqueue(StreamId stream, List<object> events, Dictionary<string, object>? requestContext);

    Task<List<MemoryMessage>> Dequeue(int maxCount);
}

/// <summary>A batch as its producer wrote it. It is a copy, made by the call that brought it.</summary>
[GenerateSerializer, Immutable]
internal sealed record MemoryMessage(
    [property: Id(0)] StreamId StreamId,
    [property: Id(1)] List<object> Events,
    [property: Id(2)] Dictionary<string, object>? Context,
    [property: Id(3)] EventSequenceToken Token) : IBatchContainer
{
    public StreamSequenceToken SequenceToken => Token;

    /// <summary>A copy for each consumer, as if each had read the queue by itself.</summary>
    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        for (var i = 0; i < Events.Count; i++)
        {
            if (Events[i] is T item)
                yield return Tuple.Create(Copy(item), (StreamSequenceToken)Token.CreateSequenceTokenForEvent(i));
        }
    }

    public bool ImportRequestContext()
    {
        if (Context is null)
            return false;
        RequestContext.Import(Context);
        return true;
    }

    private static T Copy<T>(T item)
    {
        var context = CopyContext.Rent();
        try
        {
            return Copier<T>.Copy(item, context);
        }
        finally
        {
            context.Return();
        }
    }
}

/// <summary>What is in it goes with the silo; a message read is gone from it.</summary>
[GrainType("memorystreamqueue"), KeepAlive]
internal sealed class MemoryStreamQueueGrain : Grain, IMemoryStreamQueueGrain
{
    private const int MaxMessages = 16_384;
    private readonly Queue<MemoryMessage> _messages = new();
    private long _sequence = DateTime.UtcNow.Ticks;

    public Task Enqueue(StreamId stream, List<object> events, Dictionary<string, object>? requestContext)
    {
        if (_messages.Count >= MaxMessages)
            throw new InvalidOperationException($"Can not enqueue since the count has reached its maximum of {MaxMessages}");
        _messages.Enqueue(new MemoryMessage(stream, events, requestContext, new EventSequenceToken(_sequence++)));
        return Task.CompletedTask;
    }

    public Task<List<MemoryMessage>> Dequeue(int maxCount)
    {
        List<MemoryMessage> taken = [];
        while (taken.Count < maxCount && _messages.TryDequeue(out var message))
            taken.Add(message);
        return Task.FromResult(taken);
    }
}
