using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>Sees once that all topics are there as configured.</summary>
internal sealed class KafkaTopics(KafkaStreamOptions options, KafkaControl control, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile bool _isDone;

    /// <exception cref="InvalidOperationException">A topic is absent or has another number of partitions; says what to do.</exception>
    /// <exception cref="IOException">Kafka did not answer; may be tried again.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (_isDone)
            return;
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (!_isDone)
                await control.AskAsync("the topics could not be looked up or created", Check, cancellationToken);
            _isDone = true;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private bool Check(IConsumer<Ignore, Ignore> consumer, TimeSpan left)
    {
        var wanted = options.Topics.Values.ToDictionary(t => t.Name, t => t.Partitions, StringComparer.Ordinal);
        foreach (var topic in options.Topics.Values)
            wanted[topic.Name + options.DeadLetterSuffix] = topic.Partitions;
        // By the consumer's connection: a producer's question for a topic would let the broker create it in its own way.
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var there = Partitions(admin, wanted.Keys, left);
        var absent = wanted.Keys.Where(name => !there.ContainsKey(name)).Order(StringComparer.Ordinal).ToList();
        if (absent.Count > 0)
        {
            if (!options.CreateTopics)
                throw new InvalidOperationException($"Kafka has no topic {string.Join(", ", absent.Select(name => $"'{name}' ({wanted[name]} partitions)"))}. Create it, or set CreateTopics.");
            Create(admin, absent, wanted);
            // Another silo may have been first, with another configuration.
            there = Partitions(admin, wanted.Keys, left);
        }

        foreach (var topic in options.Topics.Values)
        {
            if (there.TryGetValue(topic.Name, out var partitions) && partitions != topic.Partitions)
                throw new InvalidOperationException($"Kafka's topic '{topic.Name}' has {partitions} partitions, but {topic.Partitions} are configured. Set Partitions to {partitions}, or name another topic: a topic's partitions cannot be changed without losing the order of its keys.");
        }

        return true;
    }

    private static Dictionary<string, int> Partitions(IAdminClient admin, IEnumerable<string> names, TimeSpan left)
    {
        var partitions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var topic = admin.GetMetadata(name, left).Topics[0];
            if (!topic.Error.IsError)
                partitions[name] = topic.Partitions.Count;
            else if (topic.Error.Code is not (ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic))
                throw new KafkaException(topic.Error);
        }

        return partitions;
    }

    private void Create(IAdminClient admin, List<string> names, Dictionary<string, int> partitions)
    {
        var topics = names.Select(name => new TopicSpecification
        {
            Name = name,
            NumPartitions = partitions[name],
            ReplicationFactor = options.ReplicationFactor,
            Configs = new()
            {
                ["message.timestamp.type"] = "LogAppendTime",
                ["max.message.bytes"] = $"{options.MaxRecordBytes + KafkaClientSettings.Overhead}",
            },
        });
        try
        {
            // The broker has just answered. Time enough for its answer: one that comes too late can end the process (KafkaControl).
            admin.CreateTopicsAsync(topics, new() { RequestTimeout = TimeSpan.FromMinutes(1), OperationTimeout = TimeSpan.FromSeconds(30) }).GetAwaiter().GetResult();
            foreach (var name in names)
                KafkaLog.TopicCreated(logger, name, partitions[name]);
        }
        catch (CreateTopicsException exception)
        {
            var failed = exception.Results.Where(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists).ToList();
            if (failed.Count > 0)
                throw new InvalidOperationException($"Kafka did not create topic {string.Join("; ", failed.Select(r => $"'{r.Topic}': {r.Error.Reason}"))}. Create it by hand and set CreateTopics to false, or see to the rights and the settings.", exception);
        }
    }
}
