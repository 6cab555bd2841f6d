using OrleansMl.Streams;

namespace OrleansMl.Gateway.Tests;

public sealed class StreamTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Dead_letters_are_listed_in_pages_with_their_reasons()
    {
        var first = await _host.GetAsync("/api/v1/deadletters?limit=2");
        Assert.Equal(200, first.Status);
        Assert.Equal(["a", "b"], first["items"].EnumerateArray().Select(i => i.GetProperty("id").GetString()));
        var second = await _host.GetAsync("/api/v1/deadletters?limit=2&pageToken=" + first["nextPageToken"].GetString());
        var last = Assert.Single(second["items"].EnumerateArray());
        Assert.Equal("/w==", last.GetProperty("rawBase64").GetString());
        Assert.Equal("kafka:oml.events/3@c", last.GetProperty("source").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, second["nextPageToken"].ValueKind);
    }

    [Fact]
    public async Task A_dead_letter_is_sent_again_as_it_is_or_mended()
    {
        var replayed = await _host.SendAsync("POST", "/api/v1/deadletters/a/replay", (byte[]?)null, null);
        Assert.Equal(200, replayed.Status);
        Assert.Equal("2026-", replayed["replayed"].GetString()![..5]);
        var refused = await _host.SendAsync("POST", "/api/v1/deadletters/b/replay", (byte[]?)null, null);
        Assert.Equal((400, "unparsable"), (refused.Status, refused.Code));
        var mended = await _host.PostAsync("/api/v1/deadletters/b/replay", """{"payload": {"id": "e2"}}""");
        Assert.Equal((200, """{"id": "e2"}"""), (mended.Status, mended["raw"].GetString()));
        Assert.Equal(404, (await _host.SendAsync("POST", "/api/v1/deadletters/z/replay", (byte[]?)null, null)).Status);
        Assert.Equal(400, (await _host.PostAsync("/api/v1/deadletters/b/replay", """{"data": 1}""")).Status);
    }

    [Fact]
    public async Task Partitions_are_shown_with_their_lag_and_rewound()
    {
        var partitions = await _host.GetAsync("/api/v1/streams");
        Assert.Equal(7, Assert.Single(partitions["items"].EnumerateArray()).GetProperty("lag").GetInt64());
        Assert.Equal(200, (await _host.PostAsync("/api/v1/streams/rewind", """{"partition": "queue/0", "offset": 3}""")).Status);
        Assert.Equal((OmlStreams.Provider, "queue/0", LogStart.AtOffset(3)), _host.Streams.Rewound);
        Assert.Equal(200, (await _host.PostAsync("/api/v1/streams/rewind", """{"time": "2026-01-05T12:00:00Z"}""")).Status);
        Assert.Equal(new DateTime(2026, 1, 5, 12, 0, 0, DateTimeKind.Utc), _host.Streams.Rewound!.Value.Start.Time);
        Assert.Equal((404, "unknown_partition"), await StatusAsync("""{"partition": "queue/99", "offset": 3}"""));
        Assert.Equal((400, "missing_member"), await StatusAsync("{}"));
        Assert.Equal((400, "invalid"), await StatusAsync("""{"offset": 1, "time": "2026-01-05T12:00:00Z"}"""));
        Assert.Equal((400, "out_of_range"), await StatusAsync("""{"offset": -1}"""));

        async Task<(int, string?)> StatusAsync(string body)
        {
            var answer = await _host.PostAsync("/api/v1/streams/rewind", body);
            return (answer.Status, answer.Code);
        }
    }
}
