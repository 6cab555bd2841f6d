using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>
/// Appends with acknowledgement by all replicas. Idempotent: the library's own retries neither double records nor change the
/// order within a partition.
/// </summary>
internal sealed class KafkaProducer(KafkaStreamOptions options, ILogger logger) : IDisposable
{
    private static readonly TimeSpan QueuePause = TimeSpan.FromMilliseconds(10);

    /// <summary>For reports that are on their way when a producer ends.</summary>
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private IProducer<byte[], byte[]>? _current;
    private bool _isDisposed;

    /// <summary>Appends in order; durable when it completes.</summary>
    /// <exception cref="ArgumentException">Kafka refuses a record; says why.</exception>
    /// <exception cref="IOException">Kafka did not take all in time. Some may be there; the whole batch may be appended again.</exception>
    public async Task AppendAsync(string topic, IReadOnlyList<Message<byte[], byte[]>> messages, CancellationToken cancellationToken)
    {
        var producer = Current();
        var pending = new KafkaPendingAppend(messages.Count);
        var deadline = Environment.TickCount64 + (long)options.AppendTimeout.TotalMilliseconds;
        for (var i = 0; i < messages.Count; i++)
        {
            try
            {
                producer.Produce(topic, messages[i], pending.Reported);
            }
            catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull && Environment.TickCount64 < deadline)
            {
                await Task.Delay(QueuePause, cancellationToken);
                i--;
            }
            catch (KafkaException exception)
            {
                pending.NotSent(messages.Count - i, exception.Error);
                break;
            }
        }

        await ReportsAsync(pending, cancellationToken);
        if (pending.Error is not { } error)
            return;
        if (error.IsFatal)
            Replace(producer, error);
        if (error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidRecord or ErrorCode.Local_InvalidArg)
            throw new ArgumentException($"Kafka's topic '{topic}' refuses a record: {error.Reason}. Its max.message.bytes must be at least MaxRecordBytes ({options.MaxRecordBytes}) and {KafkaClientSettings.Overhead} more for key and headers.");
        throw KafkaFaults.Unreachable(options, $"{pending.Failed} of {messages.Count} records were not appended to topic '{topic}' within {options.AppendTimeout.TotalSeconds:0.#} s", new KafkaException(error));
    }

    /// <summary>What is on its way gets a moment; appends that wait longer fail.</summary>
    public void Dispose()
    {
        IProducer<byte[], byte[]>? last;
        lock (_gate)
        {
            _isDisposed = true;
            (last, _current) = (_current, null);
        }

        if (last is not null)
            End(last);
        _closing.Cancel();
    }

    /// <summary>The library promises a report for every record within the append's time, but a producer that ends gives none.</summary>
    private async Task ReportsAsync(KafkaPendingAppend pending, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        limit.CancelAfter(options.AppendTimeout + FlushTime);
        try
        {
            await pending.Completion.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The producer ended before Kafka had acknowledged the records. Append them again.");
        }
    }

    private static void End(IProducer<byte[], byte[]> producer)
    {
        producer.Flush(FlushTime);
        producer.Dispose();
    }

    private IProducer<byte[], byte[]> Current()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _current ??= new ProducerBuilder<byte[], byte[]>(KafkaClientSettings.Producer(options))
                .SetLogHandler((_, message) => KafkaLog.Library(logger, message))
                .SetErrorHandler((producer, error) =>
                {
                    if (error.IsFatal)
                        Replace(producer, error);
                })
                .Build();
        }
    }

    /// <summary>A fatal error ends an idempotent producer: it can no longer tell what is there twice.</summary>
    private void Replace(IProducer<byte[], byte[]> failed, Error error)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_current, failed))
                return;
            _current = null;
        }

        KafkaLog.ProducerReplaced(logger, error.Reason);
        // Not here: this may be the producer's own thread, which disposing waits for.
        _ = Task.Run(() => End(failed));
    }
}
