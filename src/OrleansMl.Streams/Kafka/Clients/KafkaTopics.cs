using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>Sees once that all topics are there as configured.</summary>
internal sealed class KafkaTopics(KafkaStreamOptions options, IAdminClient admin, ILogger logger) : IDisposable
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
            if (_isDone)
                return;
            await CheckAsync().WaitAsync(cancellationToken);
            _isDone = true;
        }
        catch (KafkaException exception)
        {
            throw KafkaFaults.Unreachable(options, "the topics could not be looked up or created", exception);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task CheckAsync()
    {
        var wanted = options.Topics.Values.ToDictionary(t => t.Name, t => t.Partitions, StringComparer.Ordinal);
        foreach (var topic in options.Topics.Values)
            wanted[topic.Name + options.DeadLetterSuffix] = topic.Partitions;
        var there = await PartitionsAsync(wanted.Keys);
        var absent = wanted.Keys.Where(name => !there.ContainsKey(name)).Order(StringComparer.Ordinal).ToList();
        if (absent.Count > 0)
        {
            if (!options.CreateTopics)
                throw new InvalidOperationException($"Kafka has no topic {string.Join(", ", absent.Select(name => $"'{name}' ({wanted[name]} partitions)"))}. Create it, or set CreateTopics.");
            await CreateAsync(absent, wanted);
            // Another silo may have been first, with another configuration.
            there = await PartitionsAsync(wanted.Keys);
        }

        foreach (var topic in options.Topics.Values)
        {
            if (there.TryGetValue(topic.Name, out var partitions) && partitions != topic.Partitions)
                throw new InvalidOperationException($"Kafka's topic '{topic.Name}' has {partitions} partitions, but {topic.Partitions} are configured. Set Partitions to {partitions}, or name another topic: a topic's partitions cannot be changed without losing the order of its keys.");
        }
    }

    private async Task<Dictionary<string, int>> PartitionsAsync(IEnumerable<string> names)
    {
        List<TopicDescription> found;
        try
        {
            found = (await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(names), new() { RequestTimeout = options.RequestTimeout })).TopicDescriptions;
        }
        catch (DescribeTopicsException exception)
        {
            found = exception.Results.TopicDescriptions;
        }

        var partitions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var topic in found)
        {
            if (!topic.Error.IsError)
                partitions[topic.Name] = topic.Partitions.Count;
            else if (topic.Error.Code != ErrorCode.UnknownTopicOrPart)
                throw new KafkaException(topic.Error);
        }

        return partitions;
    }

    private async Task CreateAsync(List<string> names, Dictionary<string, int> partitions)
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
            await admin.CreateTopicsAsync(topics, new() { RequestTimeout = options.RequestTimeout, OperationTimeout = options.RequestTimeout });
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
