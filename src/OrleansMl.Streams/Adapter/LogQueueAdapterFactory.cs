using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Orleans.Streams;

namespace OrleansMl.Streams;

/// <summary>An Orleans stream provider over a log: one queue for each partition, each read by one silo at a time.</summary>
internal sealed class LogQueueAdapterFactory : IQueueAdapterFactory, IQueueAdapterCache
{
    private readonly string _name;
    private readonly LogStreamOptions _options;
    private readonly ILogTransport _transport;
    private readonly StreamEnvelope _envelope;
    private readonly StreamInstruments _instruments;
    private readonly DeadLetterWriter _letters;
    private readonly ILogger _logger;
    private readonly HashRingBasedPartitionedStreamQueueMapper? _mapper;

    /// <summary>The partitions that this silo has open. An agent makes its cache first, then its receiver; they are one thing here.</summary>
    private readonly ConcurrentDictionary<QueueId, LogQueue> _open = new();

    public LogQueueAdapterFactory(string name, IServiceProvider services, ILogTransport transport)
    {
        _name = name;
        _transport = transport;
        _options = services.GetRequiredService<IOptionsMonitor<LogStreamOptions>>().Get(name);
        _options.Validate(name);
        _envelope = new StreamEnvelope(services.GetRequiredService<Serializer>());
        _instruments = services.GetRequiredService<StreamInstruments>();
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger($"OrleansMl.Streams.{name}");
        _letters = DeadLetterWriter.Of(services, name);
        if (transport.Partitions.Count > 0)
            _mapper = new HashRingBasedPartitionedStreamQueueMapper(transport.Partitions, name);
        _instruments.Follow(name, () => [.. _open.Values.Select(q => new PartitionStatus(name, q.Partition, q.Position))]);
    }

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(new LogQueueAdapter(_name, _transport, _envelope, _instruments, Open));

    public IQueueAdapterCache GetQueueAdapterCache() => this;

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper is not null ? _mapper : NoQueues.Instance;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new LogDeliveryFailureHandler(() => _open.GetValueOrDefault(queueId)));

    public IQueueCache CreateQueueCache(QueueId queueId)
    {
        var queue = new LogQueue(_name, _mapper!.QueueToPartition(queueId), _transport, _options, _letters, _envelope, _instruments, _logger, () => Closed(queueId));
        _open[queueId] = queue;
        return queue.Cache;
    }

    private LogQueue Open(QueueId queueId) => _open[queueId];

    private void Closed(QueueId queueId) => _open.TryRemove(queueId, out _);
}
