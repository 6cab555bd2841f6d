namespace OrleansMl.Gateway.Tests;

public class OutcomesAndFeaturesTests
{
    [Fact]
    public async Task Outcomes_come_by_prediction_or_by_entity_and_target()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostLinesAsync("/api/v1/outcomes",
            """{"id":"o1","predictionId":"p1","value":"UP"}""",
            """{"id":"o2","entity":{"type":"market","id":"NSW"},"target":"up","time":"2026-01-31T08:30:00Z","value":1,"source":"desk","revision":2}""",
            """{"id":"o3","value":1}""",
            """{"id":"o4","predictionId":"p1","target":"up","value":1}""",
            """{"id":"o5","predictionId":"p1","value":null}""",
            """{"id":"o6","predictionId":"p1","value":1,"revision":-1}""",
            """{"id":"o1","predictionId":"p1","value":"UP"}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal((2, 1, 4), (answer["accepted"].GetInt32(), answer["duplicates"].GetInt32(), answer["rejected"].GetInt32()));
        Assert.Equal("""[{"index":0,"status":"joined"},{"index":1,"status":"joined"},{"index":6,"status":"duplicate"}]""", answer["results"].GetRawText());
        Assert.Equal([2, 3, 4, 5], answer["errors"].EnumerateArray().Select(fault => fault.GetProperty("index").GetInt32()));
        Assert.Equal(("desk", 2, Scalar.Of(1)), (host.Ingest.Outcomes["o2"].Source, host.Ingest.Outcomes["o2"].Revision, host.Ingest.Outcomes["o2"].Value));
    }

    [Fact]
    public async Task Features_are_read_by_name_by_view_and_as_of_a_time()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync("/api/v1/features/read", """{"entity":{"type":"market","id":"NSW"},"views":["now"],"asOf":"2026-01-01T00:00:00Z"}""");
        Assert.Equal("""{"entity":{"type":"market","id":"NSW"},"asOf":"2026-01-01T00:00:00Z","sequence":9,"features":[{"name":"now:*","value":1.5,"status":"present","eventTime":"2026-01-31T08:30:00.25Z","usedDefault":false}]}""", answer.Body);

        Assert.Equal(400, (await host.PostAsync("/api/v1/features/read", """{"entity":{"type":"market","id":"NSW"},"views":["now"],"features":["a:b"]}""")).Status);
        Assert.Equal("unknown_entity_type", (await host.PostAsync("/api/v1/features/read", """{"entity":{"type":"nothing","id":"NSW"}}""")).Code);
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("%C3%BC%20%3F", "ü ?")]
    [InlineData("100%25", "100%")]
    public async Task An_entity_id_in_a_path_is_decoded_exactly_once(string encoded, string id)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await RawAsync(host, $"/api/v1/entities/market/{encoded}/features?features=now:price,truth:last&asOf=2026-01-01T02:00:00%2B02:00");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal(new EntityId("market", id), host.Ingest.LastRead.Entity);
        Assert.Equal(["now:price", "truth:last"], host.Ingest.LastRead.Query.Features.AsEnumerable());
        Assert.Equal(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), host.Ingest.LastRead.Query.AsOf);
    }

    [Theory]
    [InlineData("%FF")]
    [InlineData("a%0Ab")]
    [InlineData("%zz")]
    public async Task An_entity_id_that_is_no_text_is_400(string encoded)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await RawAsync(host, $"/api/v1/entities/market/{encoded}/features");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attributes_are_set_and_read_back()
    {
        await using var host = await GatewayHost.StartAsync();
        var set = await host.SendAsync("PUT", "/api/v1/entities/customer/42/attributes", """{"segment":"gold","margin":0.5}""");
        Assert.Equal(200, set.Status);
        var read = await host.GetAsync("/api/v1/entities/customer/42/attributes");
        Assert.Equal(set.Body, read.Body);
        Assert.Equal(["customer.segment", "customer.margin"], read["features"].EnumerateArray().Select(feature => feature.GetProperty("name").GetString()!));
        Assert.Equal(400, (await host.SendAsync("PUT", "/api/v1/entities/customer/42/attributes", "{}")).Status);
        Assert.Equal("/a", (await host.SendAsync("PUT", "/api/v1/entities/customer/42/attributes", """{"a":[1]}""")).Fault().GetProperty("pointer").GetString());
    }

    // HttpClient tidies up paths; a socket does not.
    private static Task<string> RawAsync(GatewayHost host, string target) => RawHttp.SendAsync(host.Address, System.Text.Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
}
