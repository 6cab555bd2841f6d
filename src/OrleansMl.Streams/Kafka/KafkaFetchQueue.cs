using System.Threading.Channels;

namespace OrleansMl.Streams.Kafka;

/// <summary>
/// Decoded records between the polling thread and the provider, bounded by their bytes. An error waits its turn behind the
/// records that came before it.
/// </summary>
internal sealed class KafkaFetchQueue(long mostBytes) : IDisposable
{
    /// <summary>What a record costs beside its bytes: objects, strings' heads, a place in the queue.</summary>
    private const int RecordOverhead = 512;

    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new() { SingleReader = true, SingleWriter = true });
    private readonly AutoResetEvent _room = new(false);
    private long _bytes;
    private int _hasError;

    public long Bytes => Interlocked.Read(ref _bytes);

    public bool IsFull => Bytes >= mostBytes;

    public void Add(in LogRecord record, int bytes)
    {
        bytes += RecordOverhead;
        Interlocked.Add(ref _bytes, bytes);
        _items.Writer.TryWrite(new(record, bytes, null));
    }

    /// <summary>Tells the reader once; while it has not heard of one error, further ones are left out.</summary>
    public void Fail(Exception error)
    {
        if (Interlocked.Exchange(ref _hasError, 1) == 0)
            _items.Writer.TryWrite(new(default, 0, error));
    }

    /// <summary>Waits until half of the queue is free.</summary>
    public void WaitForRoom(WaitHandle stop, TimeSpan most) => WaitHandle.WaitAny([_room, stop], most);

    public async ValueTask<IReadOnlyList<LogRecord>> ReadAsync(int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var records = Take(max);
        if (records.Count > 0 || wait <= TimeSpan.Zero)
            return records;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(wait);
        try
        {
            await _items.Reader.WaitToReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }

        return Take(max);
    }

    public void Dispose() => _room.Dispose();

    private List<LogRecord> Take(int max)
    {
        var records = new List<LogRecord>();
        var bytes = 0L;
        while (records.Count < max && _items.Reader.TryPeek(out var item))
        {
            if (item.Error is not null && records.Count > 0)
                break;
            _items.Reader.TryRead(out _);
            if (item.Error is not null)
            {
                Interlocked.Exchange(ref _hasError, 0);
                throw item.Error;
            }

            records.Add(item.Record);
            bytes += item.Bytes;
        }

        if (bytes > 0 && Interlocked.Add(ref _bytes, -bytes) <= mostBytes / 2)
            _room.Set();
        return records;
    }

    private readonly record struct Item(LogRecord Record, int Bytes, Exception? Error);
}
