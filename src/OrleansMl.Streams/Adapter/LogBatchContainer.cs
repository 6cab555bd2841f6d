using System.Collections.Immutable;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansMl.Streams;

/// <summary>Consecutive records of one stream, delivered together. The token is the first record's offset.</summary>
[GenerateSerializer, Immutable, Alias("oml.LogBatchContainer")]
internal sealed class LogBatchContainer(StreamId streamId, ImmutableArray<object> events, ImmutableArray<long> offsets, ImmutableArray<KeyValuePair<string, string>> context) : IBatchContainer
{
    [Id(0)]
    private readonly StreamId _streamId = streamId;

    [Id(1)]
    private readonly ImmutableArray<object> _events = events;

    [Id(2)]
    private readonly ImmutableArray<long> _offsets = offsets;

    [Id(3)]
    private readonly ImmutableArray<KeyValuePair<string, string>> _context = context;

    public StreamId StreamId => _streamId;

    public StreamSequenceToken SequenceToken => new EventSequenceTokenV2(_offsets[0]);

    /// <summary>Offsets of the records, ascending.</summary>
    public ImmutableArray<long> Offsets => _offsets;

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        for (var i = 0; i < _events.Length; i++)
        {
            if (_events[i] is T item)
                yield return Tuple.Create<T, StreamSequenceToken>(item, new EventSequenceTokenV2(_offsets[i]));
        }
    }

    public bool ImportRequestContext()
    {
        if (_context.IsDefaultOrEmpty)
            return false;
        foreach (var (key, value) in _context)
            RequestContext.Set(key, value);
        return true;
    }
}
