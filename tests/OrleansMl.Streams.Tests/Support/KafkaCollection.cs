namespace OrleansMl.Streams.Tests.Support;

/// <summary>Tests that share the one broker; they run one after the other, as some of them kill it.</summary>
[CollectionDefinition(Name)]
public sealed class KafkaCollection : ICollectionFixture<KafkaBroker>
{
    public const string Name = "kafka";
}
