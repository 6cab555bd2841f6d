using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using OrleansMl.Streams.Kafka.Clients;
using OrleansMl.Streams.Kafka.Records;

namespace OrleansMl.Streams.Kafka;

/// <summary>
/// Reads one partition that Orleans has assigned: a consumer of its own, without group membership, polled by a thread of its
/// own. Memory: <see cref="KafkaStreamOptions.QueueMaxBytes"/> here, about two fetches inside the client library.
/// </summary>
public sealed partial class KafkaReader : ILogReader
{
    private readonly TopicPartition _partition;
    private readonly string _name;
    private readonly KafkaStreamOptions _options;
    private readonly KafkaTopics _topics;
    private readonly KafkaPositions _positions;
    private readonly KafkaRecordDecoder _decoder;
    private readonly ILogger _logger;
    private readonly KafkaFetchQueue _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _storing = new(1, 1);
    private bool _isOpen;
    private bool _isDisposed;
    private long _committed = -1;
    private long _next = -1;
    private long _end = -1;
    private long _lastStored = Stopwatch.GetTimestamp();

    internal KafkaReader(TopicPartition partition, KafkaStreamOptions options, KafkaTopics topics, KafkaPositions positions, KafkaRecordDecoder decoder, ILogger logger)
    {
        _partition = partition;
        _name = KafkaPositions.Name(partition);
        _options = options;
        _topics = topics;
        _positions = positions;
        _decoder = decoder;
        _logger = logger;
        _queue = new KafkaFetchQueue(options.QueueMaxBytes);
    }

    /// <inheritdoc/>
    public LogPosition Position => new(Interlocked.Read(ref _committed), Interlocked.Read(ref _next), Interlocked.Read(ref _end));

    /// <summary>Bytes of records that wait to be read.</summary>
    internal long WaitingBytes => _queue.Bytes;

    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isOpen)
            return;
        await _topics.EnsureAsync(cancellationToken);
        var stored = await _positions.StoredAsync(_partition, cancellationToken);
        var (low, high) = await _positions.BoundsAsync(_partition, cancellationToken);
        var start = stored ?? (_options.StartAt == KafkaStartAt.Earliest ? low : high);
        if (stored is null && _options.StartAt == KafkaStartAt.Latest)
        {
            await _positions.StoreAsync(_partition, start, cancellationToken);
            stored = start;
        }
        else if (start < low)
        {
            KafkaLog.Gap(_logger, _name, low - start, start, low);
            start = low;
        }
        else if (start > high)
        {
            KafkaLog.Truncated(_logger, _name, high, start, low);
            start = low;
        }

        KafkaLog.Opened(_logger, _name, start, stored ?? -1, low, high);
        Interlocked.Exchange(ref _committed, stored ?? -1);
        Interlocked.Exchange(ref _next, start);
        Interlocked.Exchange(ref _end, high);
        _isOpen = true;
        new Thread(() => Run(start)) { IsBackground = true, Name = $"kafka {_name}" }.Start();
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LogRecord>> ReadAsync(int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_isOpen)
            throw new InvalidOperationException($"Partition '{_name}' is not open. Call InitializeAsync first.");
        var records = await _queue.ReadAsync(max, wait, cancellationToken);
        if (records.Count > 0)
            Interlocked.Exchange(ref _next, records[^1].Offset + 1);
        return records;
    }

    /// <inheritdoc/>
    public async Task CommitAsync(long nextOffset, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nextOffset);
        await _storing.WaitAsync(cancellationToken);
        try
        {
            await _positions.StoreAsync(_partition, nextOffset, cancellationToken);
            Interlocked.Exchange(ref _committed, nextOffset);
            Interlocked.Exchange(ref _lastStored, Stopwatch.GetTimestamp());
        }
        finally
        {
            _storing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await _stop.CancelAsync();
        if (_isOpen)
            await _stopped.Task;
        _queue.Dispose();
        _stop.Dispose();
    }
}
