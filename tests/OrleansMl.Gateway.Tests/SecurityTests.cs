using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace OrleansMl.Gateway.Tests;

public class SecurityTests
{
    private const string Event = """{"id":"e1","entity":{"type":"client","id":"1"},"type":"seen"}""";

    [Fact]
    public async Task A_route_needs_a_key_with_its_role()
    {
        await using var host = await GatewayHost.StartAsync(options =>
        {
            options.Keys.Add(Key("reader", "k1", GatewayRoles.Predict));
            options.Keys.Add(Key("feed", "k2", GatewayRoles.Ingest | GatewayRoles.Label));
            options.Keys.Add(Key("root", "k3", GatewayRoles.Admin));
        });
        Assert.Equal((401, "unauthorized", "Bearer"), await PostAsync(null));
        Assert.Equal((401, "unauthorized", "Bearer error=\"invalid_token\""), await PostAsync("Bearer k"));
        Assert.Equal((401, "unauthorized", "Bearer"), await PostAsync("Basic k2"));
        Assert.Equal((403, "forbidden", ""), await PostAsync("Bearer k1"));
        Assert.Empty(host.Ingest.Events);
        Assert.Equal((200, "", ""), await PostAsync("Bearer k2"));
        Assert.Equal((200, "", ""), await PostAsync("bearer k3"));
        Assert.Equal(200, (await host.GetAsync("/health/live")).Status);
        Assert.Equal(200, (await host.GetAsync("/v2/health/ready")).Status);
        Assert.Equal(401, (await host.GetAsync("/v2/models/simple")).Status);
        Assert.Equal(403, (await host.GetAsync("/metrics", ("Authorization", "Bearer k1"))).Status);

        await host.SendAsync("PUT", "/api/v1/models/electricity/aliases/champion", """{"version":"1","expected":"2"}""", "application/json", ("Authorization", "Bearer k3"));
        Assert.Equal("root", host.Control.LastAlias!.By);

        async Task<(int, string, string)> PostAsync(string? authorization)
        {
            var answer = await host.PostAsync("/api/v1/events", Event, authorization is null ? [] : [("Authorization", authorization)]);
            return (answer.Status, answer.Status == 200 ? "" : answer.Code!, answer.Headers.GetValueOrDefault("WWW-Authenticate", ""));
        }
    }

    [Fact]
    public async Task An_upload_needs_the_role_of_its_kind_and_whoever_may_send_one_may_follow_it()
    {
        await using var host = await GatewayHost.StartAsync(options =>
        {
            options.Keys.Add(Key("analyst", "k1", GatewayRoles.Label));
            options.Keys.Add(Key("feed", "k2", GatewayRoles.Ingest));
            options.Keys.Add(Key("reader", "k3", GatewayRoles.Predict));
        });
        Assert.Equal(202, await UploadAsync("corrections", "k1"));
        Assert.Equal(202, await UploadAsync("events", "k2"));
        Assert.Equal(403, await UploadAsync("events", "k1"));
        Assert.Equal(403, await UploadAsync("outcomes", "k2"));
        Assert.Equal(403, await UploadAsync("corrections", "k3"));
        Assert.Equal(401, await UploadAsync("corrections", "k4"));
        Assert.Equal(404, (await host.GetAsync("/api/v1/jobs/none", ("Authorization", "Bearer k1"))).Status);
        Assert.Equal(403, (await host.GetAsync("/api/v1/jobs", ("Authorization", "Bearer k1"))).Status);

        async Task<int> UploadAsync(string kind, string key) =>
            (await host.SendAsync("POST", $"/api/v1/uploads?kind={kind}", "predictionId,label\np,yes\n", "text/csv", ("Authorization", "Bearer " + key))).Status;
    }

    [Fact]
    public async Task A_key_beyond_its_quota_is_told_when_to_come_again_and_others_are_not_held_up()
    {
        await using var host = await GatewayHost.StartAsync(options =>
        {
            options.Keys.Add(new GatewayKey { Name = "feed", Sha256 = Hash("k1"), Roles = GatewayRoles.Ingest, RequestsPerSecond = 0.5, Burst = 3 });
            options.Keys.Add(Key("root", "k2", GatewayRoles.Admin));
        });
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await PostAsync("k1")).Status);
        var refused = await PostAsync("k1");
        Assert.Equal((429, "quota", "2"), (refused.Status, refused.Code, refused.Headers["Retry-After"]));
        Assert.Contains("'feed' may send 0.5 requests a second", refused.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await PostAsync("k2")).Status);
        Assert.Equal(200, (await host.GetAsync("/health/live", ("Authorization", "Bearer k1"))).Status);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(200, (await PostAsync("k1")).Status);
        Assert.Equal(429, (await PostAsync("k1")).Status);
        host.Clock.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await PostAsync("k1")).Status);
        Assert.Equal(429, (await PostAsync("k1")).Status);

        Task<Answer> PostAsync(string key) => host.PostAsync("/api/v1/events", Event, ("Authorization", "Bearer " + key));
    }

    [Theory]
    [InlineData(0.0, null, "RequestsPerSecond of gateway key 'k' is 0")]
    [InlineData(double.NaN, null, "RequestsPerSecond of gateway key 'k' is NaN")]
    [InlineData(1.0, 0, "Burst of gateway key 'k' is 0")]
    [InlineData(null, 5, "Burst of gateway key 'k' is 5")]
    public void A_quota_that_cannot_be_is_refused_at_start(double? rate, int? burst, string words)
    {
        var options = new GatewayOptions { Keys = { new GatewayKey { Name = "k", Sha256 = Hash("k"), Roles = GatewayRoles.Admin, RequestsPerSecond = rate, Burst = burst } } };
        Assert.Contains(words, Assert.Throws<GatewayConfigurationException>(() => options.Validate(IPAddress.Loopback)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("order-42/7", true)]
    [InlineData("a b", false)]
    [InlineData("a\"b", false)]
    [InlineData("", false)]
    public async Task An_answer_carries_the_requests_id_or_a_new_one(string given, bool isKept)
    {
        await using var host = await GatewayHost.StartAsync();
        foreach (var path in (string[])["/health/live", "/nowhere", "/v2/models/none"])
        {
            var id = (await host.GetAsync(path, ("X-Request-Id", given))).Headers["X-Request-Id"];
            if (isKept)
                Assert.Equal(given, id);
            else
                Assert.Matches("^[0-9a-f]{32}$", id);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_access_log_has_a_line_for_each_request_with_its_parts_by_name_where_it_is_asked_for(bool isAskedFor)
    {
        await using var host = await GatewayHost.StartAsync(options =>
        {
            options.AccessLog = isAskedFor;
            options.Keys.Add(Key("feed", "k1", GatewayRoles.Ingest));
        });
        await host.PostAsync("/api/v1/events", Event, ("Authorization", "Bearer k1"), ("X-Request-Id", "r1"));
        await host.PostAsync("/api/v1/events", Event, ("X-Request-Id", "r2"));
        if (!isAskedFor)
        {
            Assert.Empty(host.Logged("OrleansMl.Access"));
            return;
        }

        // A line is written when the answer has left.
        for (var i = 0; i < 1_000 && host.Logged("OrleansMl.Access").Count < 2; i++)
            await Task.Delay(5);
        var lines = host.Logged("OrleansMl.Access").OrderBy(l => l["RequestId"]).ToList();
        Assert.Equal([("r1", 200, "feed"), ("r2", 401, "api")], lines.Select(l => ((string)l["RequestId"]!, (int)l["Status"]!, (string)l["Key"]!)));
        Assert.All(lines, l => Assert.Equal(("POST", "/api/v1/events", "/api/v1/events", (long)Event.Length), (l["Method"], l["Path"], l["Route"], l["RequestBytes"])));
    }

    [Fact]
    public void A_bind_beyond_loopback_without_keys_is_refused_with_the_remedy()
    {
        var options = new GatewayOptions();
        options.Validate(IPAddress.Loopback);
        options.Validate(IPAddress.IPv6Loopback);
        var refused = Assert.Throws<GatewayConfigurationException>(() => options.Validate(IPAddress.Any));
        Assert.Contains("Gateway:Keys", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, refused.ExitCode);
        options.Keys.Add(Key("root", "k", GatewayRoles.Admin));
        options.Validate(IPAddress.Any);
        options.Keys.Add(new GatewayKey { Name = "plain", Sha256 = "secret", Roles = GatewayRoles.Admin });
        Assert.Throws<GatewayConfigurationException>(() => options.Validate(IPAddress.Loopback));
    }

    private static GatewayKey Key(string name, string key, GatewayRoles roles) => new() { Name = name, Sha256 = Hash(key), Roles = roles };

    private static string Hash(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
