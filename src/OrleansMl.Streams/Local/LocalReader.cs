using Orleans.Runtime;
using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>Reads one queue of the embedded store's log; waits at its end without asking the disk.</summary>
internal sealed class LocalReader(IStreamLog log, int queue) : ILogReader
{
    private readonly Lock _gate = new();
    private LogPosition _position = new(-1, -1, -1);

    public LogPosition Position
    {
        get
        {
            lock (_gate)
                return _position;
        }
    }

    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var state = await log.GetQueueAsync(queue, cancellationToken);
        Set(_ => new LogPosition(state.Position, Math.Max(0, state.Position), state.End));
    }

    public async ValueTask<IReadOnlyList<LogRecord>> ReadAsync(int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        var items = await log.ReadAsync(queue, Position.Next, max, wait, cancellationToken);
        if (items.Count == 0)
            return [];
        var records = new LogRecord[items.Count];
        for (var i = 0; i < records.Length; i++)
            records[i] = ToRecord(items[i]);
        var next = items[^1].Offset + 1;

        // A full read says nothing of what lies behind it.
        var end = items.Count == max ? (await log.GetQueueAsync(queue, cancellationToken)).End : next;
        Set(position => position with { Next = next, End = Math.Max(end, position.End) });
        return records;
    }

    public async Task CommitAsync(long nextOffset, CancellationToken cancellationToken)
    {
        await log.StorePositionAsync(queue, nextOffset, cancellationToken);
        var state = await log.GetQueueAsync(queue, cancellationToken);
        Set(position => position with { Committed = state.Position, End = state.End });
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static LogRecord ToRecord(StreamItem item)
    {
        var stream = StreamId.Create(item.Namespace, item.Key);
        try
        {
            return new LogRecord(item.Offset, stream, StreamSequence.With(StreamRecordCodec.Decode(item.Record, item.Sequence), item.Sequence));
        }
        catch (InvalidDataException exception)
        {
            var unread = new StreamRecord { Id = "", Type = "", ContentType = "application/octet-stream", Data = item.Record };
            return new LogRecord(item.Offset, stream, unread) { Fault = new LogFault("unparsable", exception.Message) };
        }
    }

    private void Set(Func<LogPosition, LogPosition> change)
    {
        lock (_gate)
            _position = change(_position);
    }
}
