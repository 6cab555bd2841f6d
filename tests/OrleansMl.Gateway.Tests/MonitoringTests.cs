namespace OrleansMl.Gateway.Tests;

public sealed class MonitoringTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Monitors_and_alarms_are_as_the_document_describes_them()
    {
        var check = new SchemaCheck((await _host.GetAsync("/openapi/v1.json")).Json);
        var monitors = await _host.GetAsync("/api/v1/models/watched/monitors");
        Assert.Null(check.WhyNot("MonitorPage", monitors.Json));
        Assert.Equal(["errors", "inputs"], monitors["items"].EnumerateArray().Select(item => item.GetProperty("name").GetString()));
        var alarms = await _host.GetAsync("/api/v1/models/watched/alarms");
        Assert.Null(check.WhyNot("AlarmPage", alarms.Json));
        var evidence = alarms["items"][0].GetProperty("evidence")[0];
        Assert.Equal(("age", 0.004), (evidence.GetProperty("series").GetString(), evidence.GetProperty("correctedPValue").GetDouble()));
        Assert.Equal("(unknown)", evidence.GetProperty("reference").GetProperty("bins")[2].GetProperty("category").GetString());
        Assert.Equal((404, "unknown_model"), await _host.GetAsync("/api/v1/models/other/monitors") is var other ? (other.Status, other.Code) : default);
    }

    [Fact]
    public async Task Alarms_are_filtered_and_paged_and_what_is_misspelt_is_refused()
    {
        var first = await _host.GetAsync("/api/v1/models/watched/alarms?limit=1&state=raised&monitor=m&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
        Assert.Equal(("m.2", "1"), (Assert.Single(first["items"].EnumerateArray()).GetProperty("id").GetString(), first["nextPageToken"].GetString()));
        var filter = _host.Monitoring.LastFilter!;
        Assert.Equal((false, "m", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)), (filter.IsEnded, filter.Monitor, filter.From));
        var second = await _host.GetAsync("/api/v1/models/watched/alarms?limit=1&pageToken=1");
        Assert.Equal("m.1", Assert.Single(second["items"].EnumerateArray()).GetProperty("id").GetString());
        foreach (var query in (string[])["state=open", "pageToken=x", "form=2026-01-01T00:00:00Z", "from=yesterday"])
            Assert.Equal(400, (await _host.GetAsync("/api/v1/models/watched/alarms?" + query)).Status);
    }

    [Fact]
    public async Task An_alarm_is_acknowledged_by_the_caller_or_by_who_is_named()
    {
        var check = new SchemaCheck((await _host.GetAsync("/openapi/v1.json")).Json);
        var named = await _host.PostAsync("/api/v1/models/watched/alarms/m.1/acknowledge", """{"by":"ana","note":"known"}""");
        Assert.Equal((200, "ana", "known"), (named.Status, named["acknowledgedBy"].GetString(), named["note"].GetString()));
        Assert.Null(check.WhyNot("Alarm", named.Json));
        Assert.Equal(200, (await _host.PostAsync("/api/v1/models/watched/alarms/m.2/acknowledge", "")).Status);
        Assert.Equal((404, "unknown_alarm"), await StatusAsync("none", "{}"));
        Assert.Equal((400, "invalid"), await StatusAsync("m.1", $$"""{"note":"{{new string('x', 2_001)}}"}"""));
        Assert.Equal((400, "unknown_member"), await StatusAsync("m.1", """{"who":"ana"}"""));

        async Task<(int, string?)> StatusAsync(string id, string body)
        {
            var answer = await _host.PostAsync($"/api/v1/models/watched/alarms/{id}/acknowledge", body);
            return (answer.Status, answer.Code);
        }
    }
}
