using Confluent.Kafka;
using OrleansMl.Streams.Kafka;

namespace OrleansMl.Streams.Tests.Support;

/// <summary>Topics and a group of one test's own, and raw clients beside the transport.</summary>
internal sealed class KafkaCase(KafkaBroker broker) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];
    private IAdminClient? _admin;

    public string Prefix { get; } = $"t{Guid.NewGuid():n}";

    public string Events => $"{Prefix}.events";

    public IAdminClient Admin => _admin ??= new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.Address }).Build();

    public KafkaStreamOptions Options(int partitions = 1, Action<KafkaStreamOptions>? configure = null)
    {
        var options = new KafkaStreamOptions { BootstrapServers = broker.Address, GroupId = Prefix };
        options.Topics.Clear();
        options.Topics[OmlStreams.Events] = new() { Name = Events, Partitions = partitions };
        configure?.Invoke(options);
        return options;
    }

    public KafkaTransport Transport(int partitions = 1, Action<KafkaStreamOptions>? configure = null) => Own(new KafkaTransport(Options(partitions, configure)));

    /// <summary>A reader of one partition, open. Disposed with the case, before its transport.</summary>
    public async Task<KafkaReader> ReaderAsync(KafkaTransport transport, int partition = 0)
    {
        var reader = (KafkaReader)transport.OpenReader($"{Events}/{partition}");
        await reader.InitializeAsync(CancellationToken.None);
        return Own(reader);
    }

    public IProducer<byte[], byte[]> Producer(Action<ProducerConfig>? configure = null)
    {
        var config = new ProducerConfig { BootstrapServers = broker.Address, MessageMaxBytes = 32 << 20 };
        configure?.Invoke(config);
        return new ProducerBuilder<byte[], byte[]>(config).Build();
    }

    /// <summary>All records of a topic as the broker has them.</summary>
    public List<ConsumeResult<byte[], byte[]>> ReadRaw(string topic, int partitions, int count)
    {
        var config = new ConsumerConfig { BootstrapServers = broker.Address, GroupId = $"{Prefix}-raw", EnableAutoCommit = false };
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var found = new List<ConsumeResult<byte[], byte[]>>();
        using var limit = new CancellationTokenSource(Arrive.Limit);
        while (found.Count < count)
            found.Add(consumer.Consume(limit.Token));
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--)
            await _owned[i].DisposeAsync();
        await broker.DeleteTopicsAsync(Prefix);
        _admin?.Dispose();
    }

    private T Own<T>(T item) where T : IAsyncDisposable
    {
        _owned.Add(item);
        return item;
    }
}
