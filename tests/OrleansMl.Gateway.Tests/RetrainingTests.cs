namespace OrleansMl.Gateway.Tests;

public sealed class RetrainingTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Triggers_are_as_the_document_describes_them_paused_and_resumed()
    {
        var check = new SchemaCheck((await _host.GetAsync("/openapi/v1.json")).Json);
        var read = await _host.GetAsync("/api/v1/models/watched/retraining");
        Assert.Null(check.WhyNot("Retraining", read.Json));
        Assert.Equal((false, "j2"), (read["paused"].GetBoolean(), read["current"].GetString()));
        var triggers = read["triggers"].EnumerateArray().ToList();
        Assert.Equal(["cron", "outcomes", "alarm"], triggers.Select(trigger => trigger.GetProperty("type").GetString()));
        Assert.Equal(("j1", "succeeded"), triggers[0].GetProperty("last") is var last ? (last.GetProperty("job").GetString(), last.GetProperty("state").GetString()) : default);
        Assert.Equal((7, 50, true), (triggers[1].GetProperty("outcomes").GetInt32(), triggers[1].GetProperty("every").GetInt32(), triggers[1].GetProperty("pending").GetBoolean()));

        var paused = await _host.PostAsync("/api/v1/models/watched/retraining/pause", "");
        Assert.Equal((200, true), (paused.Status, paused["paused"].GetBoolean()));
        Assert.Null(check.WhyNot("Retraining", paused.Json));
        Assert.False((await _host.PostAsync("/api/v1/models/watched/retraining/resume", ""))["paused"].GetBoolean());
    }

    [Fact]
    public async Task A_model_that_is_unknown_or_no_name_is_not_found()
    {
        foreach (var path in (string[])["/api/v1/models/other/retraining", "/api/v1/models/1x/retraining"])
            Assert.Equal((404, "unknown_model"), await _host.GetAsync(path) is var answer ? (answer.Status, answer.Code) : default);
        Assert.Equal(404, (await _host.PostAsync("/api/v1/models/other/retraining/pause", "")).Status);
        Assert.Equal(405, (await _host.GetAsync("/api/v1/models/watched/retraining/pause")).Status);
    }
}
