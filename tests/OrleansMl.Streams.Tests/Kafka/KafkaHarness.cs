using Confluent.Kafka;
using Orleans.Hosting;
using OrleansMl.Streams.Kafka;
using OrleansMl.Streams.Tests.Contract;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Kafka;

/// <summary>The Kafka provider on the shared broker, with topics of the test's own.</summary>
public sealed class KafkaHarness(KafkaBroker broker) : IProviderHarness
{
    private const int Partitions = 4;
    private readonly string _prefix = $"c{Guid.NewGuid():n}";
    private KafkaTransport? _transport;

    public string Provider => "kafka";

    public ILogTransport Transport => _transport ?? throw new InvalidOperationException("The harness was not started.");

    public string DeadLetterTopic(string streamNamespace) => $"{_prefix}.{streamNamespace}.dlq";

    public async Task StartAsync()
    {
        broker.Require();
        var options = new KafkaStreamOptions();
        Configure(options);
        _transport = new KafkaTransport(options);
        await _transport.EnsureTopicsAsync(CancellationToken.None);
    }

    public void Configure(ISiloBuilder silo, Action<LogStreamOptions> deliver) => silo.AddKafkaStreams(Provider, Configure, deliver);

    public void Configure(IClientBuilder client) => client.AddKafkaStreams(Provider, Configure);

    public async Task<bool> TryAppendGarbageAsync(string streamNamespace, string streamKey)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.Address, Partitioner = Partitioner.Murmur2Random }).Build();
        await producer.ProduceAsync($"{_prefix}.{streamNamespace}", new() { Key = streamKey, Value = "\0", Headers = [new("ce_specversion", "?"u8.ToArray())] });
        return true;
    }

    public async Task<bool> TryCrashAsync(Func<Task> whileAway)
    {
        await broker.KillAsync();
        try
        {
            await whileAway();
        }
        finally
        {
            await broker.StartAsync();
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_transport is not null)
            await _transport.DisposeAsync();
        await broker.DeleteTopicsAsync(_prefix);
    }

    private void Configure(KafkaStreamOptions options)
    {
        options.BootstrapServers = broker.Address;
        options.GroupId = _prefix;
        options.AppendTimeout = TimeSpan.FromSeconds(90);
        options.Topics.Clear();
        foreach (var ns in (string[])["single", OmlStreams.Events])
            options.Topics[ns] = new() { Name = $"{_prefix}.{ns}", Partitions = Partitions };
    }
}
