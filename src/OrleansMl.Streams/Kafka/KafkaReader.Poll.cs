using System.Diagnostics;
using Confluent.Kafka;
using OrleansMl.Streams.Kafka.Clients;
using OrleansMl.Streams.Kafka.Records;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace OrleansMl.Streams.Kafka;

/// <summary>The polling thread.</summary>
public sealed partial class KafkaReader
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EndAge = TimeSpan.FromSeconds(5);
    private static readonly DoublingPause RetryPause = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10));

    /// <summary>The next offset to be fetched; belongs to the polling thread.</summary>
    private long _fetch;
    private long _endSeen;

    private void Run(long start)
    {
        _fetch = start;
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            var before = _fetch;
            try
            {
                using var consumer = Build();
                consumer.Assign(new TopicPartitionOffset(_partition, _fetch));
                while (!_stop.IsCancellationRequested)
                    Step(consumer);
            }
            catch (Exception exception)
            {
                KafkaLog.ConsumerFailed(_logger, _name, _fetch, exception);
                _queue.Fail(exception is IOException ? exception : new IOException($"Partition '{_name}' cannot be read at offset {_fetch}: {exception.Message}", exception));
                failures = _fetch > before ? 1 : failures + 1;
                _stop.Token.WaitHandle.WaitOne(RetryPause.After(failures));
            }
        }

        _stopped.SetResult();
    }

    private IConsumer<byte[], KafkaValue> Build() => new ConsumerBuilder<byte[], KafkaValue>(KafkaClientSettings.Consumer(_options))
        .SetKeyDeserializer(Deserializers.ByteArray)
        .SetValueDeserializer(new KafkaValueDeserializer(_options.MaxRecordBytes))
        .SetLogHandler((_, message) => KafkaLog.Library(_logger, message))
        .SetErrorHandler((_, error) =>
        {
            // Of the library's events those that stop reading; it goes on by itself when they pass.
            if (error.IsFatal || error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Authentication or ErrorCode.Local_Ssl)
                Interrupt(error);
        })
        .Build();

    private void Step(IConsumer<byte[], KafkaValue> consumer)
    {
        RefreshPosition();
        if (_queue.IsFull)
        {
            // Not paused: that would throw away what was fetched already and fetch it again. Unpolled, the library fetches
            // until its own queue is full.
            _queue.WaitForRoom(_stop.Token.WaitHandle, PollWait);
            AskEnd(consumer);
            return;
        }

        ConsumeResult<byte[], KafkaValue>? result;
        try
        {
            result = consumer.Consume(PollWait);
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            if (exception.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
            {
                Reposition(consumer);
            }
            else
            {
                Interrupt(exception.Error);
                _stop.Token.WaitHandle.WaitOne(RetryPause.First);
            }

            return;
        }

        if (result?.Message is { } message && result.Offset.Value >= _fetch)
        {
            var record = _decoder.Decode(new KafkaMessage(_partition.Topic, _partition.Partition.Value, result.Offset.Value, message.Key, message.Value, message.Headers, message.Timestamp));
            _queue.Add(record, (message.Value.Bytes?.Length ?? 0) + (message.Key?.Length ?? 0) + HeaderBytes(message.Headers));
            _fetch = result.Offset.Value + 1;
        }

        SeeEnd(consumer, result is null);
    }

    /// <summary>
    /// The next offset is not there. Below the log's start: retention was faster, reading goes on at the oldest record. Beyond
    /// its end: the end was lost, and what takes its place would have offsets that were read before, so somebody must decide.
    /// </summary>
    private void Reposition(IConsumer<byte[], KafkaValue> consumer)
    {
        var bounds = consumer.QueryWatermarkOffsets(_partition, _options.RequestTimeout);
        if (_fetch > bounds.High.Value)
            throw new IOException($"Partition '{_name}' ends at {bounds.High.Value}, before offset {_fetch} that was to be read next: its end was lost or the topic was created anew. Restart the silo to read it from its start, or rewind the partition.");
        if (_fetch < bounds.Low.Value)
        {
            KafkaLog.Gap(_logger, _name, bounds.Low.Value - _fetch, _fetch, bounds.Low.Value);
            _fetch = bounds.Low.Value;
        }

        consumer.Assign(new TopicPartitionOffset(_partition, _fetch));
    }

    private void Interrupt(Error error)
    {
        KafkaLog.ReadInterrupted(_logger, _name, error.Reason);
        _queue.Fail(new IOException($"Partition '{_name}' cannot be read for now: {error.Reason}. Reading goes on by itself."));
    }

    /// <summary>The end as the last fetch saw it: no request.</summary>
    private void SeeEnd(IConsumer<byte[], KafkaValue> consumer, bool isIdle)
    {
        if (!isIdle && Stopwatch.GetElapsedTime(_endSeen) < PollWait)
            return;
        _endSeen = Stopwatch.GetTimestamp();
        RaiseEnd(consumer.GetWatermarkOffsets(_partition).High.Value);
    }

    /// <summary>While nothing is fetched the end must be asked for, or the lag of a consumer that hangs would look constant.</summary>
    private void AskEnd(IConsumer<byte[], KafkaValue> consumer)
    {
        if (Stopwatch.GetElapsedTime(_endSeen) < EndAge)
            return;
        _endSeen = Stopwatch.GetTimestamp();
        try
        {
            RaiseEnd(consumer.QueryWatermarkOffsets(_partition, TimeSpan.FromSeconds(1)).High.Value);
        }
        catch (KafkaException)
        {
            // The broker is away: the end is what it was. Reading tells of it when it matters.
        }
    }

    private void RaiseEnd(long end)
    {
        if (end > Interlocked.Read(ref _end))
            Interlocked.Exchange(ref _end, end);
    }

    /// <summary>Stores an unchanged position again before the broker forgets it (<see cref="KafkaStreamOptions.PositionRefresh"/>).</summary>
    private void RefreshPosition()
    {
        if (Interlocked.Read(ref _committed) < 0 || Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastStored)) < _options.PositionRefresh)
            return;
        Interlocked.Exchange(ref _lastStored, Stopwatch.GetTimestamp());
        _ = RefreshAsync();

        async Task RefreshAsync()
        {
            try
            {
                await _storing.WaitAsync(_stop.Token);
                try
                {
                    await _positions.StoreAsync(_partition, Interlocked.Read(ref _committed), _stop.Token);
                }
                finally
                {
                    _storing.Release();
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
            {
                if (!_stop.IsCancellationRequested)
                    KafkaLog.RefreshFailed(_logger, _name, exception);
            }
        }
    }

    private static int HeaderBytes(Headers? headers)
    {
        var bytes = 0;
        for (var i = 0; headers is not null && i < headers.Count; i++)
            bytes += headers[i].Key.Length + (headers[i].GetValueBytes()?.Length ?? 0);
        return bytes;
    }
}
