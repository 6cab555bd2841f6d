using Confluent.Kafka;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.EndToEnd.Tests.Streams;

[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<KafkaBroker>
{
    public const string Name = "broker";
}

/// <summary>Configuration of a server on topics of a test's own, and a producer and reader of them.</summary>
internal sealed class KafkaServer : IDisposable
{
    private readonly KafkaBroker _broker;
    private readonly Lazy<IProducer<string?, string>> _producer;

    public KafkaServer(KafkaBroker broker, TestFolder folder, string more = "", string bulk = "")
    {
        _broker = broker;
        var topics = string.Join(", ", new[] { "events", "predictions", "outcomes", "examples" }.Select(ns => $$"""
            "{{ns}}": { "Name": "{{TopicOf(ns)}}", "Partitions": 4 {{(ns == "events" ? more : ns == "outcomes" && bulk.Length > 0 ? ", \"Consume\": \"None\"" : "")}} }
            """));
        Configuration = folder.Write("kafka.json", $$"""
            {
              "Storage": { "Durability": "Process" },
              "Streams": {
                "Provider": "Kafka",
                "Bulk": { "MaxDeliveryTime": "00:00:20", "CommitInterval": "00:00:00.2"{{bulk}} },
                "Kafka": { "BootstrapServers": "{{broker.Address}}", "GroupId": "{{Prefix}}", "Topics": { {{topics}} } }
              }
            }
            """);
        _producer = new(() => new ProducerBuilder<string?, string>(new ProducerConfig { BootstrapServers = broker.Address, EnableIdempotence = true, LingerMs = 1, MessageTimeoutMs = 120_000 }).SetLogHandler(static (_, _) => { }).Build());
    }

    public string Prefix { get; } = "e" + Guid.NewGuid().ToString("n");

    public string Configuration { get; }

    public string TopicOf(string ns) => $"{Prefix}.{ns}";

    /// <summary>A CloudEvent of a device, acknowledged by the broker.</summary>
    public Task SendAsync(string id, string device, int value, string type = "reading", string? time = null, string? data = null)
    {
        var headers = new Headers
        {
            { "ce_specversion", "1.0"u8.ToArray() },
            { "ce_id", System.Text.Encoding.UTF8.GetBytes(id) },
            { "ce_type", System.Text.Encoding.UTF8.GetBytes(type) },
            { "ce_subject", System.Text.Encoding.UTF8.GetBytes("device/" + device) },
        };
        if (time is not null)
            headers.Add("ce_time", System.Text.Encoding.UTF8.GetBytes(time));
        return _producer.Value.ProduceAsync(TopicOf("events"), new Message<string?, string> { Key = device, Value = data ?? $$"""{"value": {{value}}}""", Headers = headers });
    }

    public Task SendPlainAsync(string? key, string value, string ns = "events") => _producer.Value.ProduceAsync(TopicOf(ns), new Message<string?, string> { Key = key!, Value = value });

    /// <summary>Everything that lies in a topic, with what the headers say.</summary>
    public List<(string Key, string Value, Dictionary<string, string> Headers)> ReadAll(string ns, int atLeast) => Read(ns, found => found.Count >= atLeast);

    /// <summary>Ids of a topic's records, until there are so many: what is published comes at least once.</summary>
    public HashSet<string> ReadIds(string ns, int atLeast) =>
        [.. Read(ns, found => found.Count >= atLeast && found.DistinctBy(r => r.Headers["ce_id"]).Count() >= atLeast).Select(r => r.Headers["ce_id"])];

    private List<(string Key, string Value, Dictionary<string, string> Headers)> Read(string ns, Func<List<(string Key, string Value, Dictionary<string, string> Headers)>, bool> isEnough)
    {
        var found = new List<(string Key, string Value, Dictionary<string, string> Headers)>();
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = _broker.Address, GroupId = Prefix + "-reader", AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false }).Build();
        consumer.Assign(Enumerable.Range(0, 4).Select(p => new TopicPartitionOffset(TopicOf(ns), p, Offset.Beginning)));
        for (var deadline = DateTime.UtcNow.AddSeconds(30); !isEnough(found) && DateTime.UtcNow < deadline;)
        {
            if (consumer.Consume(TimeSpan.FromSeconds(1)) is { Message: { } message })
                found.Add((message.Key, message.Value, message.Headers.ToDictionary(h => h.Key, h => System.Text.Encoding.UTF8.GetString(h.GetValueBytes()))));
        }

        consumer.Close();
        return found;
    }

    /// <summary>Waits until nothing of the topics waits to be applied.</summary>
    public static Task NoLagAsync(Api api, long records) => Eventually.IsAsync(async () =>
    {
        var partitions = (await api.GetAsync("/api/v1/streams")).Done().Body.GetProperty("items").EnumerateArray().Where(p => p.GetProperty("provider").GetString()!.EndsWith("(bulk)", StringComparison.Ordinal)).ToList();
        var done = partitions.Where(p => p.GetProperty("partition").GetString()!.Contains(".events/", StringComparison.Ordinal)).Sum(p => Math.Max(0, p.GetProperty("committed").GetInt64()));
        return done >= records ? null : $"{done} of {records} records are done with";
    });

    public void Dispose()
    {
        if (_producer.IsValueCreated)
            _producer.Value.Dispose();
    }
}
