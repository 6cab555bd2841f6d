using System.Text.Json;

namespace OrleansMl.Gateway.Tests;

public class PredictTests
{
    private const string Path = "/api/v1/models/electricity/predict";
    private const string Good = """{"entity":{"type":"market","id":"NSW"},"inputs":{"day":3,"period":0.25},"version":"2","eventTime":"2026-01-31T08:30:00Z","requestId":"r1","include":["features"]}""";

    [Fact]
    public async Task A_prediction_answers_in_the_shape_of_the_interface()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync(Path, Good);

        Assert.Equal("""{"predictionId":"01901","model":"electricity","modelVersion":"2","output":{"label":"UP","score":0.1,"values":{"DOWN":0.9,"UP":0.1}},"fallback":null,"sequence":41,"features":[{"name":"now:price","value":0.25,"status":"expired","eventTime":"2026-01-31T08:30:00.25Z","usedDefault":true}]}""", answer.Body);
        Assert.True(host.Predictions.Requests.TryPeek(out var request));
        Assert.Equal(("electricity", new EntityId("market", "NSW"), 2, "r1", true), (request.Model, request.Entity, request.Version, request.RequestId, request.IncludeFeatures));
        Assert.Equal([new("day", Scalar.Of(3)), new NamedValue("period", Scalar.Of(0.25))], request.Inputs.AsEnumerable());
    }

    [Fact]
    public async Task The_prior_has_no_version_and_a_score_that_is_no_number_is_null()
    {
        await using var host = await GatewayHost.StartAsync();
        host.Predictions.Score = double.NaN;
        var answer = await host.PostAsync(Path, """{"entity":{"type":"market","id":"NSW"},"requestId":"prior"}""");
        Assert.Equal(("prior", JsonValueKind.Null, JsonValueKind.Null), (answer["fallback"].GetString(), answer["modelVersion"].ValueKind, answer["output"].GetProperty("score").ValueKind));
        Assert.False(answer.Json.TryGetProperty("features", out _));
    }

    [Fact]
    public async Task An_explanation_comes_where_it_is_asked_for()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync(Path, """{"entity":{"type":"market","id":"NSW"},"include":["explanation"]}""");
        Assert.Equal(
            """{"method":"occlusion","score":0.1,"baseline":null,"columns":[{"name":"now:price","value":0.25,"contribution":-0.4},{"name":"day","value":null,"contribution":null}]}""",
            answer["explanation"].GetRawText());
    }

    [Theory]
    [InlineData("""{"version":2}""", "/version")]
    [InlineData("""{"version":"two"}""", "/version")]
    [InlineData("""{"version":"2","alias":"champion"}""", "")]
    [InlineData("""{"inputs":{"day":"3","day":4}}""", "/inputs/day")]
    [InlineData("""{"include":["reasons"]}""", "/include/0")]
    [InlineData("""{"candidates":[{"entity":{"type":"product","id":"1"}},{}]}""", "/candidates/1")]
    public async Task A_fault_of_the_body_is_400_with_a_pointer(string body, string pointer)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync(Path, body);
        Assert.Equal((400, pointer), (answer.Status, answer.Fault().GetProperty("pointer").GetString()));
        Assert.Empty(host.Predictions.Requests);
    }

    [Fact]
    public async Task A_batch_answers_line_by_line_with_problems_on_their_lines()
    {
        await using var host = await GatewayHost.StartAsync(options => options.BatchConcurrency = 2);
        var answer = await host.PostLinesAsync(Path, Good, "{\"x\":1}", Good, Good);

        Assert.Equal((200, "application/x-ndjson"), (answer.Status, answer.ContentType));
        var lines = answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(4, lines.Count);
        Assert.Equal((1, 400, "unknown_member"), (lines[1].GetProperty("index").GetInt32(), lines[1].GetProperty("status").GetInt32(), lines[1].GetProperty("code").GetString()));
        Assert.Equal(["01901", "01902", "01903"], new[] { 0, 2, 3 }.Select(i => lines[i].GetProperty("predictionId").GetString()!).Order());
    }

    [Fact]
    public async Task A_batch_in_which_all_fail_alike_has_their_status()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostLinesAsync("/api/v1/models/nobody/predict", Good, Good);
        Assert.Equal((404, "unknown_model", 2), (answer.Status, answer.Code, answer["errors"].GetArrayLength()));
        Assert.Equal((400, "invalid"), ((await host.PostLinesAsync("/api/v1/models/nobody/predict", Good, "x")).Status, (await host.PostLinesAsync("/api/v1/models/nobody/predict", Good, "x")).Code));
    }

    [Fact]
    public async Task A_full_queue_is_503_with_a_time_to_come_back()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync("/api/v1/models/full/predict", Good);
        Assert.Equal((503, "queue_full", "1"), (answer.Status, answer.Code, answer.Headers["Retry-After"]));
    }

    [Fact]
    public async Task A_fault_of_the_server_is_a_500_in_the_same_form_that_tells_nothing_inside()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync("/api/v1/models/crash/predict", Good);
        Assert.Equal((500, "application/problem+json", "internal"), (answer.Status, answer.ContentType, answer.Code));
        Assert.DoesNotContain("TimeZone", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logged_predictions_are_listed_in_pages_and_exported_by_line()
    {
        await using var host = await GatewayHost.StartAsync();
        host.Control.Logged = 1201;
        var first = await host.GetAsync("/api/v1/predictions?model=electricity&version=2&state=labelled&wrong=true&from=2026-01-01T00:00:00Z&limit=2");
        Assert.Equal(["p1", "p2"], first["items"].EnumerateArray().Select(item => item.GetProperty("predictionId").GetString()!));
        Assert.Equal("p2", first["nextPageToken"].GetString());
        Assert.Equal((2, true, "electricity"), (host.Control.LastListing!.Version, host.Control.LastListing.Wrong, host.Control.LastListing.Model));

        var last = await host.GetAsync("/api/v1/predictions?limit=2&pageToken=p1199");
        Assert.Equal((2, JsonValueKind.Null), (last["items"].GetArrayLength(), last["nextPageToken"].ValueKind));

        var export = await host.GetAsync("/api/v1/predictions", ("Accept", "application/x-ndjson"));
        Assert.Equal(1201, export.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        Assert.Equal(400, (await host.GetAsync("/api/v1/predictions?stat=labelled")).Status);
        Assert.Equal(400, (await host.GetAsync("/api/v1/predictions?entityId=1")).Status);
        Assert.Equal(400, (await host.GetAsync("/api/v1/predictions?wrong=false")).Status);
        Assert.Equal("UP", (await host.GetAsync("/api/v1/predictions/p1"))["outcome"].GetProperty("value").GetString());
        Assert.Equal("DOWN", (await host.GetAsync("/api/v1/predictions/p1"))["output"].GetProperty("label").GetString());
        Assert.Equal("unknown_prediction", (await host.GetAsync("/api/v1/predictions/p9")).Code);
    }
}
