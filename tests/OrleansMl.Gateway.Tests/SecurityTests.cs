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

    private static GatewayKey Key(string name, string key, GatewayRoles roles) => new() { Name = name, Sha256 = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key))), Roles = roles };
}
