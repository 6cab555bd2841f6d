using Confluent.Kafka;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>Errors of the client library in words that name the thing and the remedy.</summary>
internal static class KafkaFaults
{
    public static IOException Unreachable(KafkaStreamOptions options, string what, KafkaException exception) =>
        new($"Kafka at {options.BootstrapServers}: {what} ({exception.Error.Reason}). See that the brokers run and that BootstrapServers and the client's security settings are right.", exception);
}
