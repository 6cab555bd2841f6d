using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.EngineContract.Tests;

/// <summary>A message of the log: the events as they were written, not copies.</summary>
[GenerateSerializer]
public sealed class LogMessage(StreamId streamId, List<object> events, Dictionary<string, object>? context, long offset) : IBatchContainer
{
    [Id(0)]
    public StreamId StreamId { get; } = streamId;

    [Id(1)]
    public List<object> Events { get; } = events;

    [Id(2)]
    public Dictionary<string, object>? Context { get; } = context;

    [Id(3)]
    public long Offset { get; } = offset;

    public StreamSequenceToken SequenceToken => new EventSequenceTokenV2(Offset);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() =>
        Events.OfType<T>().Select((e, i) => Tuple.Create(e, (StreamSequenceToken)new EventSequenceTokenV2(Offset, i)));

    public bool ImportRequestContext()
    {
        if (Context is null)
            return false;
        foreach (var (key, value) in Context)
            RequestContext.Set(key, value);
        return true;
    }
}
