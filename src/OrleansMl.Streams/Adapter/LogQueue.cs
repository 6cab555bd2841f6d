using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;
using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>
/// One partition in the hands of one pulling agent: reads, keeps the watermark, stores the position, puts aside what cannot
/// be delivered. All but the letters' tasks runs in the agent's turns.
/// </summary>
internal sealed partial class LogQueue(string provider, string partition, ILogTransport transport, LogStreamOptions options, DeadLetterWriter letters, StreamEnvelope envelope, StreamInstruments instruments, ILogger logger, Action closed) : IQueueAdapterReceiver
{
    private readonly OffsetWatermark _watermark = new();

    /// <summary>Offsets whose dead letters are stored; written by the letters' tasks.</summary>
    private readonly ConcurrentQueue<long> _putAside = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly ILogReader _reader = transport.OpenReader(partition);
    private List<Task> _writing = [];
    private Task _commit = Task.CompletedTask;
    private long _committed = -1;
    private long _lastCommit = Stopwatch.GetTimestamp();
    private bool _isOpen;
    private int _failures;

    public LogQueueCache Cache { get; } = new(options.CachedRecords, options.MaxDeliveryTime);

    public string Partition => partition;

    public LogPosition Position => _reader.Position;

    public async Task Initialize(TimeSpan timeout)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        limit.CancelAfter(timeout);
        try
        {
            await _reader.InitializeAsync(limit.Token);
            _isOpen = true;
        }
        catch (Exception exception)
        {
            // Reading tries again: a log that is away for a while must not cost the partition its agent.
            LogNotOpened(logger, provider, partition, exception);
        }
    }

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        Settle();
        CommitIfDue();
        var room = Math.Min(maxCount < 0 ? options.CachedRecords : maxCount, Cache.Room);
        if (room <= 0)
            return [];

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            if (!_isOpen)
            {
                await _reader.InitializeAsync(either.Token);
                _isOpen = true;
            }

            var records = await _reader.ReadAsync(room, options.ReadWait, either.Token);
            _failures = 0;
            Settle();
            if (records.Count == 0)
                return [];
            instruments.Read.Add(records.Count, new KeyValuePair<string, object?>("partition", partition));
            return Batch(records);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return [];
        }
        catch (Exception exception)
        {
            LogReadFailed(logger, provider, partition, exception);
            await PauseAsync(either.Token);
            return [];
        }
    }

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages)
    {
        Done(messages);
        return Task.CompletedTask;
    }

    public async Task Shutdown(TimeSpan timeout)
    {
        // What every consumer is past counts, even if the agent has not asked for it since.
        Done(Cache.PurgeHeard());
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            await Task.WhenAll(_writing).WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await _commit.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            Settle();
            if (_watermark.Next > _committed)
                await _reader.CommitAsync(_watermark.Next, limit.Token);
        }
        catch (Exception exception)
        {
            // The next owner begins at the last stored position: repeated, not lost.
            LogNotCommitted(logger, provider, partition, _watermark.Next, exception);
        }
        finally
        {
            await _closing.CancelAsync();
            await _reader.DisposeAsync();
            closed();
        }
    }

    /// <summary>A batch whose delivery has failed for too long; completes when its records are stored as dead letters.</summary>
    public async Task PutAsideAsync(StreamId stream, long sequenceNumber)
    {
        if (Cache.FindFailed(stream, sequenceNumber) is not { } batch)
            return;
        var refused = batch.Offsets.Zip(batch.GetEvents<object>(), (offset, item) => letters.Letter(transport.Kind, partition, stream, offset, envelope.Rewrap(item.Item1), "delivery_failed", $"No consumer took it within {options.MaxDeliveryTime}; the silo's log holds the exception.")).ToList();
        await letters.WriteAsync(refused, _closing.Token);
    }

    /// <summary>Runs of consecutive records of one stream become batches; what is faulty is put aside.</summary>
    private List<IBatchContainer> Batch(IReadOnlyList<LogRecord> records)
    {
        var batches = new List<IBatchContainer>();
        var events = ImmutableArray.CreateBuilder<object>();
        var offsets = ImmutableArray.CreateBuilder<long>();
        ImmutableArray<KeyValuePair<string, string>> context = [];
        var stream = default(StreamId);
        foreach (var record in records)
        {
            _watermark.Take(record.Offset);
            object item = record.Record;
            var why = "";
            if (record.Fault is not null || !envelope.TryUnwrap(record.Record, out item, out why))
            {
                PutAside(record, record.Fault ?? new LogFault("unparsable", why));
                continue;
            }

            var itsContext = StreamEnvelope.ContextOf(record.Record);
            if (events.Count > 0 && (!record.Stream.Equals(stream) || events.Count >= options.BatchRecordsOf(stream.GetNamespace() ?? "") || !itsContext.SequenceEqual(context)))
                Flush();
            (stream, context) = (record.Stream, itsContext);
            events.Add(item);
            offsets.Add(record.Offset);
        }

        if (events.Count > 0)
            Flush();
        return batches;

        void Flush() => batches.Add(new LogBatchContainer(stream, events.DrainToImmutable(), offsets.DrainToImmutable(), context));
    }

    private void PutAside(LogRecord record, LogFault fault)
    {
        _writing = [.. _writing.Where(t => !t.IsCompleted), WriteAsync()];

        async Task WriteAsync()
        {
            await letters.WriteAsync([letters.Letter(transport.Kind, partition, record.Stream, record.Offset, record.Record, fault.Reason, fault.Detail)], _closing.Token);
            _putAside.Enqueue(record.Offset);
        }
    }

    private void Done(IList<IBatchContainer> batches)
    {
        foreach (var batch in batches)
        {
            foreach (var offset in ((LogBatchContainer)batch).Offsets)
                _watermark.Complete(offset);
        }
    }

    private void Settle()
    {
        while (_putAside.TryDequeue(out var offset))
            _watermark.Complete(offset);
    }

    private void CommitIfDue()
    {
        if (_watermark.Next <= _committed || !_commit.IsCompleted || Stopwatch.GetElapsedTime(_lastCommit) < options.CommitInterval)
            return;
        _lastCommit = Stopwatch.GetTimestamp();
        _commit = CommitAsync(_watermark.Next);
    }

    private async Task CommitAsync(long next)
    {
        try
        {
            await _reader.CommitAsync(next, _closing.Token);
            _committed = next;
        }
        catch (Exception exception) when (!_closing.IsCancellationRequested)
        {
            LogNotCommitted(logger, provider, partition, next, exception);
        }
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(new DoublingPause(options.MinBackoff, options.MaxBackoff).After(++_failures), cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "Stream provider {Provider}: {Partition} could not be opened; reading tries again.")]
    private static partial void LogNotOpened(ILogger logger, string provider, string partition, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Stream provider {Provider}: reading {Partition} failed; it goes on after a pause.")]
    private static partial void LogReadFailed(ILogger logger, string provider, string partition, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Stream provider {Provider}: the position {Next} of {Partition} was not stored; what lies behind the stored one is delivered again.")]
    private static partial void LogNotCommitted(ILogger logger, string provider, string partition, long next, Exception exception);
}
