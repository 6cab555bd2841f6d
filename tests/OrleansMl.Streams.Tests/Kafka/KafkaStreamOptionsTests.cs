using Microsoft.Extensions.Options;
using OrleansMl.Streams.Kafka;

namespace OrleansMl.Streams.Tests.Kafka;

public sealed class KafkaStreamOptionsTests
{
    [Fact]
    public void Defaults_with_brokers_are_valid() => Assert.Empty(Faults(_ => { }));

    public static TheoryData<string, Action<KafkaStreamOptions>> Mistakes => new()
    {
        { "Set BootstrapServers", o => o.BootstrapServers = " " },
        { "Set one that no other application uses", o => o.GroupId = "" },
        { "Set a URI reference", o => o.Source = "" },
        { "DeadLetterSuffix '' cannot end", o => o.DeadLetterSuffix = "" },
        { "-1 for the broker's default", o => o.ReplicationFactor = 0 },
        { "MaxRecordBytes is 999", o => o.MaxRecordBytes = 999 },
        { "FetchMaxBytes is 1", o => o.FetchMaxBytes = 1 },
        { "QueueMaxBytes is 1", o => o.QueueMaxBytes = 1 },
        { "AppendTimeout is 00:00:00", o => o.AppendTimeout = TimeSpan.Zero },
        { "RequestTimeout is 1.00:00:00", o => o.RequestTimeout = TimeSpan.FromDays(1) },
        { "PositionRefresh is 8.00:00:00", o => o.PositionRefresh = TimeSpan.FromDays(8) },
        { "carries no stream namespace", o => o.Topics.Clear() },
        { "'a b' of namespace 'events' has no legal name", o => o.Topics["events"].Name = "a b" },
        { "'..' of namespace 'events' has no legal name", o => o.Topics["events"].Name = ".." },
        { "'oml.outcomes' stands under the namespaces", o => o.Topics["events"].Name = "oml.outcomes" },
        { "has 0 partitions", o => o.Topics["events"].Partitions = 0 },
        { "Mapping.Type of topic 'oml.events' is ''", o => o.Topics["events"].Mapping = new() },
        { "Mapping.Key of topic 'oml.events' is 'a..b': a member's name is empty.", o => o.Topics["events"].Mapping = new() { Type = "t", Key = "a..b" } },
        { "Mapping.Time of topic 'oml.events' is '$now': there is no such special place.", o => o.Topics["events"].Mapping = new() { Type = "t", Time = "$now" } },
        { "Mapping.Id of topic 'oml.events' is '$header:': nothing follows the colon.", o => o.Topics["events"].Mapping = new() { Type = "t", Id = "$header:" } },
        { "Mapping.EntityType of topic 'oml.events' is empty", o => o.Topics["events"].Mapping = new() { Type = "t", EntityType = " " } },
        { "'enable.auto.commit' cannot be set: positions are stored after", o => o.Client["enable.auto.commit"] = "true" },
        { "'group.id' cannot be set: set GroupId", o => o.Client["group.id"] = "x" },
        { "'acks' is '1', but an append is durable only with 'all'", o => o.Client["acks"] = "1" },
        { "'isolation.level' cannot be set: aborted transactions", o => o.Client["isolation.level"] = "read_uncommitted" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_remedy(string expected, Action<KafkaStreamOptions> mistake)
    {
        var fault = Assert.Single(Faults(mistake));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_break_no_promise_pass() => Assert.Empty(Faults(o =>
    {
        o.Client["acks"] = "all";
        o.Client["security.protocol"] = "ssl";
        o.Client["ssl.ca.location"] = "/etc/ssl/ca.pem";
    }));

    [Fact]
    public void All_mistakes_are_told_at_once() => Assert.Equal(2, Faults(o => (o.GroupId, o.MaxRecordBytes) = ("", 1)).Count());

    [Fact]
    public void A_setting_that_the_library_does_not_know_is_named_when_the_transport_is_made()
    {
        var options = new KafkaStreamOptions { BootstrapServers = "127.0.0.1:1" };
        options.Client["sasl.pasword"] = "x";
        var error = Assert.Throws<OptionsValidationException>(() => new KafkaTransport(options));
        Assert.Contains("sasl.pasword", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Faults(Action<KafkaStreamOptions> configure)
    {
        var options = new KafkaStreamOptions { BootstrapServers = "127.0.0.1:9092" };
        configure(options);
        return new KafkaStreamOptionsValidator().Validate(null, options).Failures ?? [];
    }
}
