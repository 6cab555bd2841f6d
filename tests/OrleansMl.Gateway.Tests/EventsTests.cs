namespace OrleansMl.Gateway.Tests;

public class EventsTests
{
    private const string Good = """{"id":"e1","entity":{"type":"client","id":"a/b ü"},"type":"seen","time":"2026-01-31T10:30:00.25+02:00","fields":{"x":1.5,"s":"t","b":true,"n":null}}""";

    [Fact]
    public async Task One_event_is_handed_on_as_it_was_sent()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync("/api/v1/events", Good);

        Assert.Equal(200, answer.Status);
        Assert.Equal("""{"accepted":1,"duplicates":0,"rejected":0,"errors":[],"sequence":7}""", answer.Body);
        var item = host.Ingest.Events["e1"];
        Assert.Equal(new EntityId("client", "a/b ü"), item.Entity);
        Assert.Equal(new DateTime(2026, 1, 31, 8, 30, 0, 250, DateTimeKind.Utc), item.Time);
        Assert.Equal([new("x", Scalar.Of(1.5)), new("s", Scalar.Of("t")), new("b", Scalar.Of(true)), new NamedValue("n", Scalar.Missing)], item.Fields.AsEnumerable());
    }

    [Fact]
    public async Task A_repeat_is_a_duplicate_and_not_an_error()
    {
        await using var host = await GatewayHost.StartAsync();
        await host.PostAsync("/api/v1/events", Good);
        var answer = await host.PostAsync("/api/v1/events", Good);
        Assert.Equal((200, 0, 1), (answer.Status, answer["accepted"].GetInt32(), answer["duplicates"].GetInt32()));
    }

    [Fact]
    public async Task A_batch_keeps_its_good_lines_and_lists_the_bad_ones_by_index()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostLinesAsync("/api/v1/events", Good, "{\"id\":", "", Good.Replace("e1", "e2"), Good.Replace("\"seen\"", "\"undeclared\"").Replace("e1", "e3"), Good.Replace("1.5", "\"1\\ud800\"").Replace("e1", "e4"));

        Assert.Equal(200, answer.Status);
        Assert.Equal((2, 3), (answer["accepted"].GetInt32(), answer["rejected"].GetInt32()));
        Assert.Equal([1, 3, 4], answer["errors"].EnumerateArray().Select(fault => fault.GetProperty("index").GetInt32()));
        Assert.Equal(["malformed_json", "unknown_event", "invalid_text"], answer["errors"].EnumerateArray().Select(fault => fault.GetProperty("code").GetString()!));
        Assert.Equal(["e1", "e2"], host.Ingest.Events.Keys.Order());
    }

    [Fact]
    public async Task A_batch_that_came_at_a_bad_time_is_503_and_may_be_sent_again()
    {
        await using var host = await GatewayHost.StartAsync();
        var moving = Good.Replace("\"seen\"", "\"moving\"");
        var answer = await host.PostLinesAsync("/api/v1/events", moving, moving);
        Assert.Equal((503, "not_ready", "1"), (answer.Status, answer.Code, answer.Headers["Retry-After"]));
        Assert.Equal(200, (await host.PostLinesAsync("/api/v1/events", moving, Good)).Status);
    }

    public static TheoryData<Exception, string> Passing() => new()
    {
        { new TimeoutException("Response did not arrive on time."), "not_ready" },
        { new Storage.LogFencedException("client:c", 1, 2), "not_ready" },
        { new Storage.JoinConflictException("p1"), "not_ready" },
        { new Storage.Embedded.StoreException("The disk is full.", 13), "no_capacity" },
        { new AggregateException(new Storage.Embedded.StoreException("The disk is full.", 13)), "no_capacity" },
    };

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_failure_that_passes_is_503_with_the_reason(Exception exception, string code)
    {
        await using var host = await GatewayHost.StartAsync();
        host.Ingest.BeforeAppend = () => throw exception;
        var answer = await host.PostAsync("/api/v1/events", Good);
        Assert.Equal((503, code, "1"), (answer.Status, answer.Code, answer.Headers["Retry-After"]));
    }

    [Fact]
    public async Task A_batch_without_a_good_line_is_400_with_every_fault()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostLinesAsync("/api/v1/events", "{}", "[]");
        Assert.Equal((400, "application/problem+json", 2), (answer.Status, answer.ContentType, answer["errors"].GetArrayLength()));
        Assert.Equal(answer["detail"].GetString(), answer["error"].GetString());
    }

    [Theory]
    [InlineData("""{"id":5,""", "/id", "invalid_type")]
    [InlineData("""{"id":"",""", "/id", "invalid_id")]
    [InlineData("""{"id":"a\u0001",""", "/id", "invalid_id")]
    [InlineData("""{"id":"e","id":"e",""", "/id", "repeated_member")]
    [InlineData("""{"id":"e","more":1,""", "/more", "unknown_member")]
    [InlineData("""{"id":"e","time":"2026-02-30T00:00:00Z",""", "/time", "invalid_time")]
    [InlineData("""{"id":"e","time":"2026-02-20 00:00:00Z",""", "/time", "invalid_time")]
    [InlineData("""{"id":"e","time":1,""", "/time", "invalid_type")]
    [InlineData("""{"id":"e","fields":{"a/b":{}},""", "/fields/a~1b", "invalid_type")]
    [InlineData("""{"id":"e","fields":{"x":1e999},""", "/fields/x", "out_of_range")]
    [InlineData("""{"id":"e","fields":{"x":1,"x":2},""", "/fields/x", "repeated_member")]
    [InlineData("""{"id":"e","fields":{"x":"\ud800"},""", "/fields/x", "invalid_text")]
    [InlineData("""{"id":"e","fields":[],""", "/fields", "invalid_type")]
    [InlineData("""{"id":"e","fields":{"x":NaN},""", "/fields/x", "malformed_json")]
    public async Task A_fault_has_a_pointer_and_a_code(string start, string pointer, string code)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync("/api/v1/events", start + """ "entity":{"type":"client","id":"1"},"type":"seen"}""");

        Assert.Equal((400, code), (answer.Status, answer.Code));
        Assert.Equal(pointer, answer.Fault().GetProperty("pointer").GetString());
        Assert.Equal(0, answer.Fault().GetProperty("index").GetInt32());
        Assert.Empty(host.Ingest.Events);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\uFEFF{}")]
    [InlineData("{} {}")]
    [InlineData("/* c */ {}")]
    [InlineData("[{}]")]
    [InlineData("{,}")]
    public async Task What_is_not_one_JSON_object_is_400(string body)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync("/api/v1/events", body);
        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
    }

    [Fact]
    public async Task A_missing_content_type_means_JSON_and_another_one_is_415()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal(200, (await host.SendAsync("POST", "/api/v1/events", Good, contentType: null)).Status);
        var answer = await host.SendAsync("POST", "/api/v1/events", Good, "text/plain");
        Assert.Equal((415, "unsupported_media_type"), (answer.Status, answer.Code));
        Assert.Equal(415, (await host.SendAsync("POST", "/api/v1/events", Good, "application/json", ("Content-Encoding", "gzip"))).Status);
    }

    [Fact]
    public async Task A_body_above_the_limit_is_413_and_names_the_limit_with_and_without_a_length()
    {
        await using var host = await GatewayHost.StartAsync(options => options.MaxBodyBytes = 1000);
        var body = Good + new string(' ', 1000);
        var answer = await host.PostAsync("/api/v1/events", body);
        Assert.Equal((413, "too_large"), (answer.Status, answer.Code));
        Assert.Contains("1000", answer["detail"].GetString(), StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/events") { Content = new StringContent(body) };
        request.Content.Headers.ContentType = null;
        request.Headers.TransferEncodingChunked = true;
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(413, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_batch_with_too_many_items_is_413_and_nothing_is_taken()
    {
        await using var host = await GatewayHost.StartAsync(options => options.MaxBatchItems = 2);
        var answer = await host.PostLinesAsync("/api/v1/events", Good, Good.Replace("e1", "e2"), Good.Replace("e1", "e3"));
        Assert.Equal((413, "too_large"), (answer.Status, answer.Code));
        Assert.Empty(host.Ingest.Events);
    }
}
