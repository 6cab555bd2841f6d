using System.Text.Json;
using OrleansMl.Streams.Tests.Support;

namespace OrleansMl.EndToEnd.Tests.Streams;

/// <summary>The real program on a real broker.</summary>
[Collection(BrokerCollection.Name)]
public sealed class KafkaTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly KafkaBroker _broker;

    public KafkaTests(KafkaBroker broker) => _broker = broker;

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Events_of_a_topic_are_features_and_what_cannot_be_used_is_a_dead_letter_that_can_be_mended()
    {
        _broker.Require();
        using var kafka = new KafkaServer(_broker, _folder);
        await using var server = await StartAsync(kafka, "data");
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => kafka.SendAsync($"r{i}", $"d{i % 20}", i)));
        await kafka.SendAsync("r0", "d0", 0);
        await kafka.SendPlainAsync("d1", Fleet.Reading("plain", "d1", 7));
        await kafka.SendPlainAsync(null, Fleet.Reading("plain2", "d1", 7));
        await kafka.SendAsync("bad1", "d1", 0, data: "{\"value\":");
        await kafka.SendAsync("bad2", "d1", 0, type: "explosion");
        await kafka.SendAsync("bad3", "d1", 0, time: "2090-01-01T00:00:00Z");
        await kafka.SendAsync("bad4", "d1", 100_000);
        await kafka.SendAsync("r1", "d1", 999);
        await kafka.SendPlainAsync("d1", "not json");
        await KafkaServer.NoLagAsync(server.Api, 409);

        Assert.Equal(20, await Fleet.FeatureAsync(server.Api, "d0", "total:n"));
        Assert.Equal(Enumerable.Range(0, 400).Where(i => i % 20 == 0).Sum(), await Fleet.FeatureAsync(server.Api, "d0", "total:sum"));
        Assert.Equal(22, await Fleet.FeatureAsync(server.Api, "d1", "total:n"));
        var letters = (await server.Api.GetAsync("/api/v1/deadletters")).Done().Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            ["id_conflict", "invalid_value", "too_far_in_future", "unknown_event_type", "unparsable", "unparsable"],
            letters.Select(l => l.GetProperty("reason").GetString()).Order());
        Assert.Equal(6, kafka.ReadAll("events.dlq", 6).Count);

        var broken = letters.Single(l => l.GetProperty("recordId").GetString() == "bad1").GetProperty("id").GetString();
        (await server.Api.PostAsync($"/api/v1/deadletters/{broken}/replay", "", null)).Is(400);
        var mended = (await server.Api.PostAsync($"/api/v1/deadletters/{broken}/replay", """{"payload": {"value": 3}}""")).Is(200);
        Assert.Equal(JsonValueKind.String, mended.Body.GetProperty("replayed").ValueKind);
        Assert.Equal(23, await Fleet.FeatureAsync(server.Api, "d1", "total:n"));
    }

    [SkippableFact]
    public async Task Records_of_a_foreign_producer_are_found_by_a_mapping()
    {
        _broker.Require();
        using var kafka = new KafkaServer(_broker, _folder, """
            , "Mapping": { "Key": "unit.serial", "EntityType": "device", "Type": "$const:reading", "Time": "at" }
            """);
        await using var server = await StartAsync(kafka, "data");
        var at = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await kafka.SendPlainAsync("other", $$"""{"unit": {"serial": 77}, "at": {{at}}, "value": 4, "colour": "red", "extra": [1]}""");
        await kafka.SendPlainAsync("other", $$"""{"unit": {"serial": 77}, "at": {{at}}, "value": 5}""");
        await kafka.SendPlainAsync("other", $$"""{"unit": {}, "at": {{at}}, "value": 5}""");
        await KafkaServer.NoLagAsync(server.Api, 3);
        Assert.Equal((2, 9), (await Fleet.FeatureAsync(server.Api, "77", "total:n"), await Fleet.FeatureAsync(server.Api, "77", "total:sum")));
        var letter = Assert.Single((await server.Api.GetAsync("/api/v1/deadletters")).Done().Body.GetProperty("items").EnumerateArray());
        Assert.Equal("no_key", letter.GetProperty("reason").GetString());
    }

    [SkippableFact]
    public async Task What_is_accepted_over_http_is_published_and_examples_reach_the_learner_by_the_topic()
    {
        _broker.Require();
        using var kafka = new KafkaServer(_broker, _folder);
        await using var server = await StartAsync(kafka, "data");
        (await server.Api.PostAsync("/api/v1/events", Fleet.Reading("h1", "d/1", 5))).Done();
        await Fleet.TeachAsync(server.Api, Fleet.Bootstrap, "t");
        await Eventually.IsAsync(async () => await Fleet.ChampionAsync(server.Api) is "1" ? null : "no version 1");

        var published = Assert.Single(kafka.ReadAll("events", 1));
        Assert.Equal("""{"value":5}""", published.Value);
        Assert.Equal(("h1", "reading", "device/d/1"), (published.Headers["ce_id"], published.Headers["ce_type"], published.Headers["ce_subject"]));
        Assert.Equal(Fleet.Bootstrap, kafka.ReadIds("predictions", Fleet.Bootstrap).Count);
        Assert.Equal(Fleet.Bootstrap, kafka.ReadIds("outcomes", Fleet.Bootstrap).Count);
        Assert.Equal(Fleet.Bootstrap, kafka.ReadIds("examples", Fleet.Bootstrap).Count);

        // It is not taken in a second time.
        Assert.Equal(1, await Fleet.FeatureAsync(server.Api, "d/1", "total:n"));
        Assert.Empty((await server.Api.GetAsync("/api/v1/deadletters")).Done().Body.GetProperty("items").EnumerateArray());
    }

    [SkippableFact]
    public async Task Whoever_is_killed_whenever_every_record_counts_exactly_once()
    {
        _broker.Require();
        using var kafka = new KafkaServer(_broker, _folder, bulk: """, "InstanceId": "one" """);
        var rounds = Scales.Of(quick: 5, full: 20);
        var random = new Random(7);
        var sent = 0;
        for (var round = 0; round < rounds; round++)
        {
            await using var server = await StartAsync(kafka, "data", withApplication: round == 0);
            var from = sent;
            var producing = Task.WhenAll(Enumerable.Range(from, 600).Select(i => kafka.SendAsync($"r{i}", $"d{i % 7}", 1)));
            sent += 600;
            var target = from + random.Next(50, 500);
            await Eventually.IsAsync(async () => await CountAsync(server.Api) is var n && n >= target ? null : $"{n} of {target} counted", TimeSpan.FromSeconds(60));
            if (round == 1)
            {
                await _broker.KillAsync();
                await _broker.StartAsync();
            }

            await server.KillAsync();
            await producing;
        }

        await using var last = await StartAsync(kafka, "data", withApplication: false);
        await Eventually.IsAsync(async () => await CountAsync(last.Api) is var n && n >= sent ? null : $"{n} of {sent} counted", TimeSpan.FromSeconds(60));
        await KafkaServer.NoLagAsync(last.Api, sent);
        Assert.Equal(sent, await CountAsync(last.Api));
        Assert.Empty((await last.Api.GetAsync("/api/v1/deadletters")).Done().Body.GetProperty("items").EnumerateArray());
        last.Terminate();
        Assert.Equal(0, await last.EndAsync());
    }

    [SkippableFact]
    public async Task Two_servers_share_the_partitions_and_one_takes_over_from_the_other()
    {
        _broker.Require();
        using var kafka = new KafkaServer(_broker, _folder, bulk: """, "SessionTimeout": "00:00:06" """);
        await using var first = await StartAsync(kafka, "one");
        await using var second = await StartAsync(kafka, "two");
        await Eventually.IsAsync(async () => (await OwnedAsync(first.Api), await OwnedAsync(second.Api)) is (2, 2) ? null : "the partitions are not shared two and two", TimeSpan.FromSeconds(40));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => kafka.SendAsync($"r{i}", $"d{i}", 1)));
        await Eventually.IsAsync(async () => await CountAsync(first.Api, 100) + await CountAsync(second.Api, 100) is 100 ? null : "not all are counted");
        Assert.NotEqual(0, await CountAsync(second.Api, 100));
        second.Terminate();
        Assert.Equal(0, await second.EndAsync());
        await Eventually.IsAsync(async () => await OwnedAsync(first.Api) is 4 ? null : "the first does not own all four", TimeSpan.FromSeconds(40));
        var before = await CountAsync(first.Api, 100);
        await Task.WhenAll(Enumerable.Range(100, 100).Select(i => kafka.SendAsync($"r{i}", $"d{i % 100}", 1)));
        await Eventually.IsAsync(async () => await CountAsync(first.Api, 100) == before + 100 ? null : "the first has not counted all");
    }

    [Theory]
    [InlineData("""{"Streams": {"Provider": "Pigeon"}}""", "Pigeon", "Kafka")]
    [InlineData("""{"Streams": {"Kafak": {}}}""", "Streams:Kafak", "known are")]
    [InlineData("""{"Streams": {"Publish": ["evnets"]}}""", "evnets", "predictions")]
    [InlineData("""{"Streams": {"Provider": "Kafka"}}""", "BootstrapServers", "Set")]
    [InlineData("""{"Streams": {"Provider": "Kafka", "Kafka": {"BootstrapServers": "x:1", "Client": {"enable.auto.commit": "true"}}}}""", "enable.auto.commit", "cannot be set")]
    [InlineData("""{"Streams": {"Provider": "Kafka", "Kafka": {"Boot": "x:1"}}}""", "Boot", "Streams")]
    [InlineData("""{"Streams": {"Deliver": {"BatchRecords": 0}}}""", "BatchRecords", "1 or more")]
    [InlineData("""{"Streams": {"Bulk": {"MaxInFlight": 0}}}""", "MaxInFlight", "1")]
    public async Task A_mistake_in_the_configuration_is_named_before_anything_starts(string configuration, string thing, string remedy)
    {
        var run = await ProgramRun.OfAsync("up", "--data", _folder.At("data"), "--http", "0", "--config", _folder.Write("bad.json", configuration));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(thing, run.Error);
        Assert.Contains(remedy, run.Error);
        Assert.False(Directory.Exists(_folder.At("data")));
    }

    private Task<ServerProcess> StartAsync(KafkaServer kafka, string data, bool withApplication = true) => ServerProcess.StartAsync(
        _folder.At(data), ["--config", kafka.Configuration, .. withApplication ? ["--app", _folder.Write("fleet.yaml", Fleet.Yaml)] : Array.Empty<string>()]);

    private static async Task<double> CountAsync(Api api, int devices = 7) =>
        (await Task.WhenAll(Enumerable.Range(0, devices).Select(d => Fleet.FeatureAsync(api, $"d{d}", "total:n")))).Sum();

    private static async Task<int> OwnedAsync(Api api) => (await api.GetAsync("/api/v1/streams")).Done().Body.GetProperty("items").EnumerateArray()
        .Count(p => p.GetProperty("partition").GetString()!.Contains(".events/", StringComparison.Ordinal));
}
