using Confluent.Kafka;
using OrleansMl.Streams.Kafka.Clients;
using OrleansMl.Streams.Kafka.Records;

namespace OrleansMl.Streams.Kafka.Bulk;

/// <summary>
/// One partition in the hands of the bulk reader. Gathering is the consumer's thread's; decoding, reading and applying run
/// beside it, in the order of offsets.
/// </summary>
internal sealed class BulkPartition : IDisposable
{
    /// <summary>Records in one array: well below the size from which arrays are collected with the old generation only.</summary>
    private const int SliceRecords = 512;

    private readonly KafkaRecordDecoder _decoder;
    private readonly BulkOptions _options;
    private readonly StreamInstruments _instruments;
    private readonly CancellationTokenSource _stop;
    private readonly KeyedDispatcher _dispatcher;
    private List<KafkaMessage> _gathered = [];
    private List<KafkaMessage>? _spare;
    private Task _handing = Task.CompletedTask;
    private int _queued;
    private long _stored = -1;
    private long _next = -1;
    private long _end = -1;
    private bool _isPaused;

    public BulkPartition(TopicPartition at, KafkaRecordDecoder decoder, IRecordHandler handler, DeadLetterWriter letters, BulkOptions options, StreamInstruments instruments, CancellationToken stopping)
    {
        At = at;
        Name = KafkaPositions.Name(at);
        _decoder = decoder;
        _options = options;
        _instruments = instruments;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _dispatcher = new KeyedDispatcher("kafka", Name, handler, letters, options, _stop.Token);
    }

    public TopicPartition At { get; }

    public string Name { get; }

    public LogPosition Position => new(Interlocked.Read(ref _stored), Interlocked.Read(ref _next), Interlocked.Read(ref _end));

    /// <summary>The position to store; null: it is stored.</summary>
    public long? NextToStore => _dispatcher.Next is var next && next > _stored ? next : null;

    /// <summary>It is known what was stored before this silo took the partition.</summary>
    public bool KnowsStored { get; private set; }

    /// <summary>The position that was stored before; -1: none.</summary>
    public void WasStored(long offset)
    {
        KnowsStored = true;
        if (_stored < 0)
            Interlocked.Exchange(ref _stored, offset);
    }

    public void Stored(long offset) => Interlocked.Exchange(ref _stored, offset);

    public void Gather(ConsumeResult<byte[], KafkaValue> result)
    {
        _gathered.Add(new KafkaMessage(result.Topic, result.Partition.Value, result.Offset.Value, result.Message.Key, result.Message.Value, result.Message.Headers, result.Message.Timestamp));
        Interlocked.Exchange(ref _next, result.Offset.Value + 1);
    }

    /// <summary>Hands what was gathered to the dispatcher, behind what was handed on before.</summary>
    public void HandOn()
    {
        if (_gathered.Count == 0)
            return;
        var messages = _gathered;
        _gathered = Interlocked.Exchange(ref _spare, null) ?? [];
        Interlocked.Add(ref _queued, messages.Count);
        _handing = HandOnAsync(_handing, messages);
    }

    /// <summary>Back-pressure: stops fetching the partition while too much of it is on its way.</summary>
    public void Balance<TKey, TValue>(IConsumer<TKey, TValue> consumer)
    {
        var load = Volatile.Read(ref _queued) + _dispatcher.InFlight;
        if (!_isPaused && load >= _options.MaxInFlight)
        {
            consumer.Pause([At]);
            _isPaused = true;
        }
        else if (_isPaused && load < _options.MaxInFlight / 2)
        {
            consumer.Resume([At]);
            _isPaused = false;
        }

        var end = consumer.GetWatermarkOffsets(At).High;
        if (!end.IsSpecial)
            Interlocked.Exchange(ref _end, end.Value);
    }

    public async Task DrainAsync(TimeSpan limit)
    {
        await Task.WhenAny(_handing, Task.Delay(limit));
        await _dispatcher.DrainAsync(limit);
    }

    /// <summary>It is still this reader's to read.</summary>
    public bool IsOpen => !_stop.IsCancellationRequested;

    public void Dispose() => _stop.Cancel();

    private async Task HandOnAsync(Task before, List<KafkaMessage> messages)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (_stop.IsCancellationRequested)
            return;
        var count = messages.Count;
        for (var from = 0; from < count; from += SliceRecords)
        {
            var records = new LogRecord[Math.Min(SliceRecords, count - from)];
            for (var i = 0; i < records.Length; i++)
                records[i] = _decoder.Decode(messages[from + i]);
            _dispatcher.Add(records);
        }

        _dispatcher.Start();
        Interlocked.Add(ref _queued, -count);
        messages.Clear();
        Volatile.Write(ref _spare, messages);
        _instruments.Read.Add(count, new KeyValuePair<string, object?>("partition", Name));
    }
}
