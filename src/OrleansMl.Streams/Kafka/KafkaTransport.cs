using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using OrleansMl.Streams.Kafka.Clients;
using OrleansMl.Streams.Kafka.Records;

namespace OrleansMl.Streams.Kafka;

/// <summary>Apache Kafka as the log of a stream provider. A partition is named <c>topic/number</c>.</summary>
public sealed class KafkaTransport : ILogTransport
{
    private readonly KafkaStreamOptions _options;
    private readonly ILogger _logger;
    private readonly KafkaControl _control;
    private readonly KafkaTopics _topics;
    private readonly KafkaPositions _positions;
    private readonly KafkaProducer _producer;
    private readonly KafkaRecordEncoder _encoder;
    private readonly Dictionary<string, (string Namespace, KafkaTopicOptions Topic, TopicPartition Partition)> _partitions = new(StringComparer.Ordinal);

    /// <summary>Checks the options; nothing is sent yet.</summary>
    /// <exception cref="OptionsValidationException">An option cannot work; says which and why.</exception>
    public KafkaTransport(KafkaStreamOptions options, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        KafkaStreamOptionsValidator.Require(options);
        _options = options;
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<KafkaTransport>();
        KafkaClientSettings.RequireKnown(options);
        _control = new KafkaControl(options, _logger);
        _topics = new KafkaTopics(options, _control, _logger);
        _positions = new KafkaPositions(_control);
        _producer = new KafkaProducer(options, _logger);
        _encoder = new KafkaRecordEncoder(options.Source, options.MaxRecordBytes);
        var consumed = options.Topics.Where(t => t.Value.Consume == KafkaConsume.Streams).OrderBy(t => t.Value.Name, StringComparer.Ordinal);
        foreach (var (ns, topic) in consumed)
        {
            for (var number = 0; number < topic.Partitions; number++)
            {
                var partition = new TopicPartition(topic.Name, number);
                _partitions.Add(KafkaPositions.Name(partition), (ns, topic, partition));
            }
        }

        Partitions = [.. _partitions.Keys];
    }

    /// <inheritdoc/>
    public string Kind => "kafka";

    /// <inheritdoc/>
    public IReadOnlyList<string> Partitions { get; }

    /// <summary>Sees that the topics are there as configured. What needs them calls it too, so this is only to fail early.</summary>
    /// <exception cref="InvalidOperationException">A topic is absent or has another number of partitions; says what to do.</exception>
    /// <exception cref="IOException">Kafka did not answer; may be tried again.</exception>
    public Task EnsureTopicsAsync(CancellationToken cancellationToken) => _topics.EnsureAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task AppendAsync(StreamId stream, IReadOnlyList<StreamRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        var topic = TopicOf(stream.GetNamespace() ?? "");
        if (records.Count == 0)
            return;
        var messages = new Message<byte[], byte[]>[records.Count];
        for (var i = 0; i < messages.Length; i++)
            messages[i] = _encoder.Encode(stream, records[i]);
        await _topics.EnsureAsync(cancellationToken);
        await _producer.AppendAsync(topic, messages, cancellationToken);
    }

    /// <inheritdoc/>
    public ILogReader OpenReader(string partition)
    {
        var (ns, topic, at) = Find(partition);
        return new KafkaReader(at, _options, _topics, _positions, new KafkaRecordDecoder(ns, topic.Mapping, _options.MaxRecordBytes), _logger);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The partition is not there, or ends before the offset.</exception>
    public async Task RewindAsync(string partition, LogStart start, CancellationToken cancellationToken)
    {
        var (_, _, at) = Find(partition);
        await _topics.EnsureAsync(cancellationToken);
        var (low, high) = await _positions.BoundsAsync(at, cancellationToken);
        var offset = start.Offset ?? (start.Time is { } time ? await _positions.AtAsync(at, time, cancellationToken) ?? high : low);
        if (offset > high)
            throw new ArgumentException($"Partition '{partition}' ends at {high}; it cannot be read from {offset} on.", nameof(start));
        offset = Math.Max(low, offset);
        await _positions.StoreAsync(at, offset, cancellationToken);
        KafkaLog.Rewound(_logger, partition, offset);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Both wait for their threads.
        await Task.Run(_producer.Dispose);
        await Task.Run(_control.Dispose);
        _topics.Dispose();
    }

    /// <summary>Appends messages as they are, for dead letters.</summary>
    internal async Task AppendRawAsync(string topic, IReadOnlyList<Message<byte[], byte[]>> messages, CancellationToken cancellationToken)
    {
        await _topics.EnsureAsync(cancellationToken);
        await _producer.AppendAsync(topic, messages, cancellationToken);
    }

    /// <exception cref="ArgumentException">The namespace is not carried.</exception>
    internal string TopicOf(string streamNamespace) => _options.Topics.TryGetValue(streamNamespace, out var topic)
        ? topic.Name
        : throw new ArgumentException($"The Kafka stream provider does not carry namespace '{streamNamespace}' (it carries: {string.Join(", ", _options.Topics.Keys.Order(StringComparer.Ordinal))}). Add it to Topics.");

    internal string DeadLetterTopicOf(string streamNamespace) => TopicOf(streamNamespace) + _options.DeadLetterSuffix;

    private (string Namespace, KafkaTopicOptions Topic, TopicPartition Partition) Find(string partition) => _partitions.TryGetValue(partition, out var found)
        ? found
        : throw new ArgumentException($"The Kafka stream provider reads no partition '{partition}' (it reads: {string.Join(", ", Partitions)}).", nameof(partition));
}
