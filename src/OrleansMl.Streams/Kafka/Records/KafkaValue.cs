using Confluent.Kafka;

namespace OrleansMl.Streams.Kafka.Records;

/// <summary>A record's value as far as it was taken from the client library.</summary>
/// <param name="Bytes">The value; null: there is none, or it is too long.</param>
/// <param name="Length">Its length as it lies in Kafka.</param>
internal readonly record struct KafkaValue(byte[]? Bytes, int Length)
{
    public bool IsTooLarge => Bytes is null && Length > 0;
}

/// <summary>Leaves a value that is too long where it is: in native memory, freed with the message.</summary>
internal sealed class KafkaValueDeserializer(int mostBytes) : IDeserializer<KafkaValue>
{
    public KafkaValue Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        isNull || data.Length > mostBytes ? new(null, data.Length) : new(data.ToArray(), data.Length);
}
