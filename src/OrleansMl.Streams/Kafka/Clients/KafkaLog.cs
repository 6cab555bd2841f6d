using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>What the Kafka provider reports.</summary>
internal static partial class KafkaLog
{
    [LoggerMessage(EventId = 7201, Level = LogLevel.Information, Message = "Topic '{Topic}' was created with {Partitions} partitions.")]
    public static partial void TopicCreated(ILogger logger, string topic, int partitions);

    [LoggerMessage(EventId = 7202, Level = LogLevel.Information, Message = "Partition '{Partition}' is read from offset {Offset} on (stored: {Stored}, there: {Low} to {High}).")]
    public static partial void Opened(ILogger logger, string partition, long offset, long stored, long low, long high);

    [LoggerMessage(EventId = 7203, Level = LogLevel.Error, Message = "Partition '{Partition}': {Lost} offsets from {From} on were deleted by the topic's retention before they were read; reading goes on at {Low}. Lengthen retention.ms or retention.bytes, or add consumers.")]
    public static partial void Gap(ILogger logger, string partition, long lost, long from, long low);

    [LoggerMessage(EventId = 7204, Level = LogLevel.Error, Message = "Partition '{Partition}' ends at {High}, before the stored position {Stored}: its end was lost. It is read anew from {Low} on; what was applied before is recognized by its id.")]
    public static partial void Truncated(ILogger logger, string partition, long high, long stored, long low);

    [LoggerMessage(EventId = 7205, Level = LogLevel.Warning, Message = "Partition '{Partition}' cannot be read for now: {Reason}")]
    public static partial void ReadInterrupted(ILogger logger, string partition, string reason);

    [LoggerMessage(EventId = 7206, Level = LogLevel.Error, Message = "The consumer of partition '{Partition}' is made anew at offset {Offset}.")]
    public static partial void ConsumerFailed(ILogger logger, string partition, long offset, Exception exception);

    [LoggerMessage(EventId = 7207, Level = LogLevel.Debug, Message = "Tried again in a moment, or else {What}: {Reason}")]
    public static partial void RequestRetried(ILogger logger, string what, string reason);

    [LoggerMessage(EventId = 7208, Level = LogLevel.Warning, Message = "The unchanged position of partition '{Partition}' was not stored again; the next try follows.")]
    public static partial void RefreshFailed(ILogger logger, string partition, Exception exception);

    [LoggerMessage(EventId = 7209, Level = LogLevel.Error, Message = "The producer failed for good and is made anew: {Reason}")]
    public static partial void ProducerReplaced(ILogger logger, string reason);

    [LoggerMessage(EventId = 7210, Level = LogLevel.Warning, Message = "Kafka cannot be reached for now; the provider goes on trying.")]
    public static partial void Unreachable(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 7211, Level = LogLevel.Information, Message = "The position of partition '{Partition}' was set to {Offset}.")]
    public static partial void Rewound(ILogger logger, string partition, long offset);

    /// <summary>A line of the client library's own log.</summary>
    public static void Library(ILogger logger, LogMessage message) =>
        Library(logger, (LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging), message.Name, message.Facility, message.Message);

    [LoggerMessage(EventId = 7212, Message = "librdkafka {Client} {Facility}: {Text}")]
    private static partial void Library(ILogger logger, LogLevel level, string client, string facility, string text);
}
