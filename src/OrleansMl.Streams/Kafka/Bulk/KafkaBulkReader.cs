using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Streams.Kafka.Clients;
using OrleansMl.Streams.Kafka.Records;

namespace OrleansMl.Streams.Kafka.Bulk;

/// <summary>
/// The bulk path: one consumer of a group in every silo, subscribed to the topics with <see cref="KafkaConsume.Bulk"/>.
/// Records go straight to the grains of their keys, in batches per key; positions are stored once everything below is
/// durable. Kafka's group protocol shares the partitions among the silos (cooperative: those that stay are not interrupted).
/// </summary>
internal sealed partial class KafkaBulkReader : BackgroundService
{
    /// <summary>
    /// Records taken from the client library before they are handed on. Only a backlog fills it, and then many records of
    /// one key go in one call: a call costs about as much as ten records.
    /// </summary>
    private const int GatherRecords = 40_000;
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PositionTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(2);

    private readonly string _provider;
    private readonly KafkaStreamOptions _options;
    private readonly BulkOptions _bulk;
    private readonly KafkaTransport _transport;
    private readonly Dictionary<string, (IRecordHandler Handler, Func<KafkaRecordDecoder> NewDecoder)> _topics;
    private readonly DeadLetterWriter _letters;
    private readonly StreamInstruments _instruments;
    private readonly ILogger _logger;

    /// <summary>Touched by the consumer's thread only, also in the callbacks of its group.</summary>
    private readonly Dictionary<TopicPartition, BulkPartition> _open = [];
    private BulkPartition[] _published = [];

    public KafkaBulkReader(string provider, KafkaStreamOptions options, BulkOptions bulk, KafkaTransport transport, IEnumerable<IRecordHandler> handlers, DeadLetterWriter letters, StreamInstruments instruments, ILogger<KafkaBulkReader> logger)
    {
        _provider = provider;
        _options = options;
        _bulk = bulk;
        _transport = transport;
        _letters = letters;
        _instruments = instruments;
        _logger = logger;
        var byNamespace = handlers.ToDictionary(h => h.Namespace, StringComparer.Ordinal);
        _topics = options.Topics.Where(t => t.Value.Consume == KafkaConsume.Bulk).ToDictionary(
            t => t.Value.Name,
            t => byNamespace.TryGetValue(t.Key, out var handler)
                ? (handler, new Func<KafkaRecordDecoder>(() => new KafkaRecordDecoder(t.Key, t.Value.Mapping, options.MaxRecordBytes) { NamesWholeRecords = false }))
                : throw new InvalidOperationException($"Topic '{t.Value.Name}' is to be consumed in bulk, but nothing applies records of namespace '{t.Key}' (there is: {string.Join(", ", byNamespace.Keys.Order(StringComparer.Ordinal))}). Set Consume to Streams and consume it with grains of your own."),
            StringComparer.Ordinal);
        instruments.Follow(provider + " (bulk)", () => [.. Volatile.Read(ref _published).Select(p => new PartitionStatus(provider + " (bulk)", p.Name, p.Position))]);
    }

    /// <summary>Group of the bulk path; another one than the stream provider's, with which nobody may subscribe.</summary>
    public static string GroupOf(KafkaStreamOptions options) => options.GroupId + "-bulk";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_topics.Count == 0)
            return;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            Run(stoppingToken);
            stopped.SetResult();
        })
        {
            IsBackground = true,
            Name = $"kafka bulk {_provider}",
        };
        thread.Start();
        await stopped.Task;
    }

    /// <summary>The consumer's thread: makes a consumer, polls it, makes another one when it fails for good.</summary>
    private void Run(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _transport.EnsureTopicsAsync(stoppingToken).GetAwaiter().GetResult();
                using var consumer = Build(stoppingToken);
                consumer.Subscribe(_topics.Keys);
                try
                {
                    Poll(consumer, stoppingToken);
                }
                finally
                {
                    // Leaving the group lets go of the partitions, which drains and stores them.
                    consumer.Close();
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(_logger, _provider, exception);
                stoppingToken.WaitHandle.WaitOne(RetryTime);
            }
        }
    }

    private IConsumer<byte[], KafkaValue> Build(CancellationToken stoppingToken)
    {
        var settings = KafkaClientSettings.Consumer(_options);
        settings["group.id"] = GroupOf(_options);
        settings["partition.assignment.strategy"] = "cooperative-sticky";
        settings["auto.offset.reset"] = _options.StartAt == KafkaStartAt.Earliest ? "earliest" : "latest";

        // What is fetched ahead is all that can be gathered.
        settings["queued.max.messages.kbytes"] = "32768";

        // A member that no longer polls must leave the group: its partitions are needed elsewhere.
        settings["max.poll.interval.ms"] = "300000";
        settings["session.timeout.ms"] = ((long)_bulk.SessionTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        if (_bulk.InstanceId is { } instance)
            settings["group.instance.id"] = instance;
        return new ConsumerBuilder<byte[], KafkaValue>(settings)
            .SetValueDeserializer(new KafkaValueDeserializer(_options.MaxRecordBytes))
            .SetLogHandler((_, message) => KafkaLog.Library(_logger, message))
            .SetErrorHandler((_, error) => LogError(_logger, _provider, error.Reason))
            .SetPartitionsAssignedHandler((_, partitions) => Open(partitions, stoppingToken))
            .SetPartitionsRevokedHandler((consumer, partitions) => CloseAll(consumer, partitions))
            .SetPartitionsLostHandler((_, partitions) => Abandon(partitions))
            .Build();
    }

    private void Poll(IConsumer<byte[], KafkaValue> consumer, CancellationToken stoppingToken)
    {
        var lastCommit = Stopwatch.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            BulkPartition? last = null;
            var gathered = 0;
            for (var wait = PollTime; gathered < GatherRecords; wait = TimeSpan.Zero)
            {
                ConsumeResult<byte[], KafkaValue>? result;
                try
                {
                    result = consumer.Consume(wait);
                }
                catch (ConsumeException exception) when (!exception.Error.IsFatal)
                {
                    LogError(_logger, _provider, exception.Error.Reason);
                    break;
                }

                if (result is null)
                    break;
                gathered++;
                // Records of one partition come in runs. A rebalance happens within a call of the consumer: after it all is looked up anew.
                if (last is not { IsOpen: true } || result.Partition.Value != last.At.Partition.Value || result.Topic != last.At.Topic)
                    last = _open.GetValueOrDefault(result.TopicPartition);
                last?.Gather(result);
            }

            foreach (var partition in _open.Values)
            {
                partition.HandOn();
                partition.Balance(consumer);
            }

            LearnPositions(consumer);
            if (Stopwatch.GetElapsedTime(lastCommit) >= _bulk.CommitInterval)
            {
                Store(consumer, _open.Values);
                lastCommit = Stopwatch.GetTimestamp();
            }
        }
    }

    private void Open(List<TopicPartition> partitions, CancellationToken stoppingToken)
    {
        foreach (var partition in partitions)
        {
            // A decoder each: partitions are decoded side by side.
            var (handler, newDecoder) = _topics[partition.Topic];
            _open[partition] = new BulkPartition(partition, newDecoder(), handler, _letters, _bulk, _instruments, stoppingToken);
        }

        Publish();
        LogAssigned(_logger, _provider, string.Join(", ", partitions.Select(KafkaPositions.Name)));
    }

    /// <summary>What is on its way gets a bounded time, then the positions are stored; the rest comes again at the next owner.</summary>
    private void CloseAll(IConsumer<byte[], KafkaValue> consumer, List<TopicPartitionOffset> partitions)
    {
        var closing = partitions.Select(p => _open.GetValueOrDefault(p.TopicPartition)).OfType<BulkPartition>().ToList();
        foreach (var partition in closing)
            partition.HandOn();
        Task.WhenAll(closing.Select(p => p.DrainAsync(_bulk.DrainTime))).GetAwaiter().GetResult();
        Store(consumer, closing);
        Abandon(partitions);
    }

    private void Abandon(List<TopicPartitionOffset> partitions)
    {
        foreach (var partition in partitions)
        {
            if (_open.Remove(partition.TopicPartition, out var closed))
                closed.Dispose();
        }

        Publish();
    }

    /// <summary>What was stored of new partitions before, so that their lag is told right.</summary>
    private void LearnPositions(IConsumer<byte[], KafkaValue> consumer)
    {
        var unknown = _open.Values.Where(p => !p.KnowsStored).ToList();
        if (unknown.Count == 0)
            return;
        try
        {
            foreach (var position in consumer.Committed(unknown.Select(p => p.At), PositionTime))
                _open[position.TopicPartition].WasStored(position.Offset.IsSpecial ? -1 : position.Offset.Value);
        }
        catch (KafkaException exception)
        {
            LogError(_logger, _provider, exception.Error.Reason);
            foreach (var partition in unknown)
                partition.WasStored(-1);
        }
    }

    private void Store(IConsumer<byte[], KafkaValue> consumer, IEnumerable<BulkPartition> partitions)
    {
        var positions = partitions.Where(p => p.NextToStore is not null).Select(p => (Partition: p, Offset: p.NextToStore!.Value)).ToList();
        if (positions.Count == 0)
            return;
        try
        {
            consumer.Commit(positions.Select(p => new TopicPartitionOffset(p.Partition.At, p.Offset)));
            foreach (var (partition, offset) in positions)
                partition.Stored(offset);
        }
        catch (KafkaException exception)
        {
            // Tried again after the interval; until then a crash repeats more, and loses nothing.
            LogNotStored(_logger, _provider, exception);
        }
    }

    private void Publish() => Volatile.Write(ref _published, [.. _open.Values]);

    [LoggerMessage(LogLevel.Information, "Bulk reader of {Provider}: reads {Partitions}.")]
    private static partial void LogAssigned(ILogger logger, string provider, string partitions);

    [LoggerMessage(LogLevel.Warning, "Bulk reader of {Provider}: {Reason}")]
    private static partial void LogError(ILogger logger, string provider, string reason);

    [LoggerMessage(LogLevel.Error, "Bulk reader of {Provider} failed and begins anew.")]
    private static partial void LogFailed(ILogger logger, string provider, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Bulk reader of {Provider}: positions were not stored; the next pass tries again.")]
    private static partial void LogNotStored(ILogger logger, string provider, Exception exception);
}
