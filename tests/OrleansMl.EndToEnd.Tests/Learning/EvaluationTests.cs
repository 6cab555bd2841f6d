using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>What was replayed is evaluated over HTTP and by the command line, and the figures agree with the replay's own.</summary>
[Collection(ElectricityCollection.Name)]
public sealed class EvaluationTests(ElectricityReplay electricity)
{
    [SkippableFact]
    public async Task The_electricity_markets_answers_are_evaluated_beside_their_baselines()
    {
        var summary = await electricity.SummaryAsync();
        var server = electricity.Server;

        var made = (await server.Api.PostAsync("/api/v1/evaluations", """{"model":"electricity","metrics":["accuracy","log_loss"],"slices":["day"]}""")).Is(202);
        var path = "/api/v1/evaluations/" + made["id"];
        await Eventually.IsAsync(async () => (await server.Api.GetAsync(path)).Done()["state"] is "queued" or "running" ? "it runs" : null, TimeSpan.FromSeconds(60));
        var evaluation = (await server.Api.GetAsync(path)).Done();
        Assert.True(evaluation["state"] == "succeeded", evaluation.Text);
        var figures = evaluation.Body.GetProperty("result").GetProperty("results").EnumerateArray().ToArray();

        // The last outcomes of the replay may not have been asked for: one row more or less.
        var served = Value(figures, "accuracy", baseline: null);
        Assert.Equal(summary.GetProperty("live").GetProperty("accuracy").GetDouble(), served, 0.005);
        Assert.Equal(summary.GetProperty("noChange").GetProperty("accuracy").GetDouble(), Value(figures, "accuracy", "noChange"), 0.005);
        Assert.True(served > Value(figures, "accuracy", "majority") + 0.05);
        Assert.True(figures.Count(f => f.GetProperty("slice").ValueKind == JsonValueKind.Object) > 20);

        var quality = (await server.Api.GetAsync("/api/v1/models/electricity/quality?last=500")).Done().Body;
        Assert.Equal(500, quality.GetProperty("states").EnumerateObject().Sum(state => state.Value.GetInt32()));
        Assert.NotEmpty(quality.GetProperty("reliability").EnumerateArray());

        var printed = await ProgramRun.OfAsync("evaluate", "electricity", "--metric", "accuracy", "--url", server.Address.ToString());
        Assert.True(printed.ExitCode == 0, printed.Error);
        Assert.Contains("served", printed.Output, StringComparison.Ordinal);
        Assert.Contains(served.ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture), printed.Output, StringComparison.Ordinal);
    }

    private static double Value(JsonElement[] figures, string metric, string? baseline) => figures.Single(f =>
        f.GetProperty("metric").GetString() == metric && f.GetProperty("version").ValueKind == JsonValueKind.Null && f.GetProperty("baseline").GetString() == baseline
        && f.GetProperty("slice").ValueKind == JsonValueKind.Null).GetProperty("value").GetDouble();
}
