using OrleansMl.Streams.Tests.Contract;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.Streams.Tests.Kafka;

/// <summary>Streams over a real broker, in a cluster.</summary>
[Collection(KafkaCollection.Name)]
public sealed class KafkaStreamProviderTests(KafkaBroker broker) : StreamProviderContract<KafkaHarness>(new KafkaHarness(broker));
