namespace OrleansMl.Gateway.Tests;

/// <summary>Predictions as CSV.</summary>
public sealed class PredictionCsvTests
{
    [Fact]
    public async Task Predictions_are_rows_with_the_columns_of_their_vectors()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.GetAsync("/api/v1/predictions?model=electricity", ("Accept", "text/csv"));
        Assert.Equal((200, "text/csv"), (answer.Status, answer.ContentType));
        var lines = answer.Body.Split('\n');
        Assert.Equal("predictionId,time,model,version,revision,entity,score,label,truth,state,source,propensity,day", lines[0]);
        Assert.StartsWith("p1,", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",electricity,2,,market/NSW,0.25,DOWN,UP,labelled,api,,3", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",electricity,2,,market/NSW,0.25,,UP,labelled,api,,3", lines[2], StringComparison.Ordinal);
        Assert.Equal(["", "p3"], [lines[4], lines[3].Split(',')[0]]);
    }

    [Fact]
    public async Task An_export_of_nothing_is_a_header_and_a_long_one_has_every_row_once()
    {
        await using var host = await GatewayHost.StartAsync();
        host.Control.Logged = 0;
        Assert.Equal("predictionId,time,model,version,revision,entity,score,label,truth,state,source,propensity\n", await TextAsync("model=electricity"));
        host.Control.Logged = 1234;
        var lines = (await TextAsync("model=electricity")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(1, 1234).Select(i => $"p{i}"), lines[1..].Select(l => l.Split(',')[0]));
        Assert.Equal(1 + 7, (await TextAsync("model=electricity&limit=7")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        async Task<string> TextAsync(string query) => (await host.GetAsync("/api/v1/predictions?" + query, ("Accept", "text/csv"))).Body;
    }

    [Theory]
    [InlineData("", "no model is given")]
    [InlineData("model=electricity&error=0.1", "wrong=true")]
    [InlineData("model=electricity&wrong=true&error=-1", "at least 0")]
    [InlineData("model=electricity&wrong=true&error=NaN", "at least 0")]
    public async Task What_cannot_be_listed_is_refused(string query, string words)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.GetAsync("/api/v1/predictions?" + query, ("Accept", "text/csv"));
        Assert.Equal(400, answer.Status);
        Assert.Contains(words, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_of_a_regression_reaches_the_listing()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal(200, (await host.GetAsync("/api/v1/predictions?model=electricity&wrong=true&error=0.5")).Status);
        Assert.Equal((true, 0.5), (host.Control.LastListing!.Wrong, host.Control.LastListing.Error));
    }
}
