using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using OrleansMl.Streams.Kafka.Clients;
using OrleansMl.Streams.Kafka.Records;

namespace OrleansMl.Streams.Kafka;

/// <summary>Says what is wrong with <see cref="KafkaStreamOptions"/>, all at once, and what to do.</summary>
public sealed partial class KafkaStreamOptionsValidator : IValidateOptions<KafkaStreamOptions>
{
    private const int MostPartitions = 1_024;
    private static readonly TimeSpan MostTimeout = TimeSpan.FromMinutes(15);

    public ValidateOptionsResult Validate(string? name, KafkaStreamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = General(options).Concat(Numbers(options)).Concat(Topics(options)).Concat(KafkaClientSettings.Faults(options.Client)).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>Throws where <see cref="Validate(string?, KafkaStreamOptions)"/> finds anything.</summary>
    /// <exception cref="OptionsValidationException">With all faults.</exception>
    public static void Require(KafkaStreamOptions options)
    {
        var result = new KafkaStreamOptionsValidator().Validate(null, options);
        if (result.Failed)
            throw new OptionsValidationException("", typeof(KafkaStreamOptions), result.Failures);
    }

    private static IEnumerable<string> General(KafkaStreamOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.BootstrapServers))
            yield return "The Kafka stream provider has no brokers. Set BootstrapServers, for example 'localhost:9092'.";
        if (string.IsNullOrWhiteSpace(options.GroupId))
            yield return "The Kafka stream provider has no GroupId to store positions under. Set one that no other application uses.";
        if (string.IsNullOrWhiteSpace(options.Source))
            yield return "Source is empty; CloudEvents need one. Set a URI reference such as 'orleansml' or '/plants/7'.";
        if (options.DeadLetterSuffix.Length == 0 || !TopicName().IsMatch(options.DeadLetterSuffix))
            yield return $"DeadLetterSuffix '{options.DeadLetterSuffix}' cannot end a topic's name. Use letters, digits, '.', '_' and '-', for example '.dlq'.";
        if (options.ReplicationFactor is 0 or < -1)
            yield return $"ReplicationFactor is {options.ReplicationFactor}. Set the number of copies, or -1 for the broker's default.";
    }

    private static IEnumerable<string> Numbers(KafkaStreamOptions options)
    {
        // librdkafka's own least for message.max.bytes is 1,000.
        if (options.MaxRecordBytes is < 1_000 or > 64 << 20)
            yield return $"MaxRecordBytes is {options.MaxRecordBytes}; it must be from 1000 to {64 << 20} (64 MiB). Keep larger data elsewhere and send a reference.";
        if (options.FetchMaxBytes is < 1 << 14 or > 256 << 20)
            yield return $"FetchMaxBytes is {options.FetchMaxBytes}; it must be from {1 << 14} (16 KiB) to {256 << 20} (256 MiB).";
        if (options.QueueMaxBytes is < 1 << 14 or > 1 << 30)
            yield return $"QueueMaxBytes is {options.QueueMaxBytes}; it must be from {1 << 14} (16 KiB) to {1 << 30} (1 GiB).";
        foreach (var (setting, value) in new[] { (nameof(options.AppendTimeout), options.AppendTimeout), (nameof(options.RequestTimeout), options.RequestTimeout) })
        {
            if (value < TimeSpan.FromMilliseconds(100) || value > MostTimeout)
                yield return $"{setting} is {value}; it must be from 0.1 s to {MostTimeout.TotalMinutes} minutes.";
        }

        if (options.PositionRefresh < TimeSpan.FromSeconds(1) || options.PositionRefresh > TimeSpan.FromDays(7))
            yield return $"PositionRefresh is {options.PositionRefresh}; it must be from 1 s to 7 days, and well below the broker's offsets.retention.minutes.";
    }

    private static IEnumerable<string> Topics(KafkaStreamOptions options)
    {
        if (options.Topics.Count == 0)
            yield return "The Kafka stream provider carries no stream namespace. Add one to Topics.";
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (streamNamespace, topic) in options.Topics)
        {
            if (string.IsNullOrWhiteSpace(streamNamespace))
                yield return $"Topic '{topic.Name}' stands under an empty stream namespace. Name the namespace.";
            if (!IsTopicName(topic.Name) || !IsTopicName(topic.Name + options.DeadLetterSuffix))
                yield return $"Topic '{topic.Name}' of namespace '{streamNamespace}' has no legal name. With '{options.DeadLetterSuffix}' it must be 1-249 letters, digits, '.', '_' and '-', and not '.' or '..'.";
            else if (!seen.TryAdd(topic.Name, streamNamespace))
                yield return $"Topic '{topic.Name}' stands under the namespaces '{seen[topic.Name]}' and '{streamNamespace}'. Give each a topic of its own.";
            if (topic.Partitions is < 1 or > MostPartitions)
                yield return $"Topic '{topic.Name}' has {topic.Partitions} partitions; it must be from 1 to {MostPartitions}.";
            if (topic.Mapping is { } mapping)
            {
                foreach (var fault in Mapping(topic.Name, mapping))
                    yield return fault;
            }
        }
    }

    private static IEnumerable<string> Mapping(string topic, KafkaRecordMapping mapping)
    {
        foreach (var (attribute, place, isRequired) in new[] { ("Key", mapping.Key, true), ("Type", mapping.Type, true), ("Id", mapping.Id, false), ("Time", mapping.Time, false) })
        {
            if (place is null && !isRequired)
                continue;
            if (!MappedPlace.TryParse(place, out _, out var why))
                yield return $"Mapping.{attribute} of topic '{topic}' is '{place}': {why} Write user.id, $key, $header:name, $timestamp or $const:text.";
        }

        if (mapping.EntityType is { } type && string.IsNullOrWhiteSpace(type))
            yield return $"Mapping.EntityType of topic '{topic}' is empty. Name a declared entity type, or leave it out.";
    }

    private static bool IsTopicName(string name) => name.Length <= 249 && name is not ("." or "..") && TopicName().IsMatch(name);

    [GeneratedRegex(@"\A[a-zA-Z0-9._-]+\z")]
    private static partial Regex TopicName();
}
