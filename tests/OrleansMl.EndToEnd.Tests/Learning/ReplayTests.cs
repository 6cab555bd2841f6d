using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>Real data through the whole loop by the command <c>replay</c>.</summary>
[Collection(ElectricityCollection.Name)]
public sealed class ReplayTests(ElectricityReplay electricity) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task The_electricity_market_is_learned_promoted_and_rolled_back_over_HTTP()
    {
        var summary = await electricity.SummaryAsync();
        var api = electricity.Server.Api;

        AssertComplete(summary, ElectricityReplay.Rows, delay: 1, electricity.Server.Word("engine"), isRegression: false);
        Assert.True(Figure(summary, "live", "accuracy") > Figure(summary, "prior", "accuracy") + 0.1, summary.ToString());
        Assert.True(Figure(summary, "live", "accuracy") > 0.8, summary.ToString());

        var promotions = (await api.GetAsync("/api/v1/models/electricity/promotions")).Done().Body.GetProperty("items").EnumerateArray().ToArray();
        // Version 1 is none of the promotions; the learner may make one more of the last outcomes, after the replay has counted.
        Assert.InRange(promotions.Length, summary.GetProperty("promotions").GetInt32() + 1, summary.GetProperty("promotions").GetInt32() + 2);
        Assert.True(promotions.Length > 1, "the better learner was never promoted");
        Assert.Equal((JsonValueKind.Null, "1"), (promotions[0].GetProperty("from").ValueKind, promotions[0].GetProperty("to").GetString()));
        foreach (var promotion in promotions.Skip(1))
        {
            var evidence = promotion.GetProperty("evidence");
            Assert.True(evidence.GetProperty("lower").GetDouble() > 0 && evidence.GetProperty("n").GetInt32() >= 300, promotion.ToString());
        }

        var learner = (await api.GetAsync("/api/v1/models/electricity/learner")).Done();
        Assert.Equal("learning", learner["state"]);
        await CheckRollbackAsync(api, promotions.Length);
    }

    [SkippableFact]
    public async Task Rentals_of_a_day_ahead_are_learned_with_outcomes_24_rows_late()
    {
        var data = Places.DataOrSkip("bike-sharing/hour_train.csv");
        const int rows = 1300;

        var summary = await Replays.RunAsync(_folder.At("out"), rows, "--app", Places.Sample("bike-sharing"), "--data", data, "--delay", "24");

        AssertComplete(summary, rows, delay: 24, engine: null, isRegression: true);
        Assert.True(Figure(summary, "live", "mae") < Figure(summary, "prior", "mae"), summary.ToString());
        Assert.False(Directory.EnumerateDirectories(_folder.At("out")).Any(), "its own server's data is still there");
    }

    private static async Task CheckRollbackAsync(Api api, int promotions)
    {
        var snapshot = (await api.PostAsync("/api/v1/models/electricity/learner/snapshot", "", null)).Done()["candidateVersion"]!;
        var champion = (await api.GetAsync("/api/v1/models/electricity")).Done().Body.GetProperty("aliases").GetProperty("champion").GetString();
        if (snapshot != champion)
        {
            (await api.PostAsync("/api/v1/models/electricity/promotions", $"{{\"candidate\":\"{snapshot}\",\"expected\":\"{champion}\",\"force\":true,\"reason\":\"tried by hand\"}}")).Done();
            Assert.Equal(snapshot, await ServedAsync(api));
            promotions++;
        }

        var back = (await api.PostAsync("/api/v1/models/electricity/rollback", "{\"reason\":\"tried enough\"}")).Done();

        Assert.Equal("rollback", back["decision"]);
        Assert.Equal(back["to"], await ServedAsync(api));
        Assert.Equal(promotions + 1, (await api.GetAsync("/api/v1/models/electricity/promotions")).Done().Body.GetProperty("items").GetArrayLength());
    }

    private static async Task<string?> ServedAsync(Api api) =>
        (await api.PostAsync("/api/v1/models/electricity/predict", """{"entity":{"type":"market","id":"NSW"},"inputs":{"day":3,"period":0.5}}""")).Done()["modelVersion"];

    private static void AssertComplete(JsonElement summary, int rows, int delay, string? engine, bool isRegression)
    {
        string[] keys = ["data", "rows", "bootstrapRows", "scoredRows", "delayRows", "engine", "frozen", "live", "noChange", "prior", "promotions", "hotSwaps", "failedRequests", "p50Ms", "p99Ms", "eventsPerSecond", "seconds"];
        Assert.Equal(keys.Order(), summary.EnumerateObject().Select(m => m.Name).Order());
        Assert.Equal((rows, delay, 0), (summary.GetProperty("rows").GetInt32(), summary.GetProperty("delayRows").GetInt32(), summary.GetProperty("failedRequests").GetInt32()));
        if (engine is not null)
            Assert.Equal(engine, summary.GetProperty("engine").GetString());
        var scored = summary.GetProperty("scoredRows").GetInt32();
        Assert.InRange(scored, 1, rows - summary.GetProperty("bootstrapRows").GetInt32());
        foreach (var predictor in (string[])["frozen", "live", "noChange", "prior"])
        {
            if (isRegression)
                Assert.True(Figure(summary, predictor, "mae") > 0 && Figure(summary, predictor, "rmse") >= Figure(summary, predictor, "mae"), summary.ToString());
            else
                Assert.InRange(Figure(summary, predictor, "accuracy"), 0.01, 1);
        }

        Assert.True(Figure(summary, "p99Ms") >= Figure(summary, "p50Ms") && Figure(summary, "p50Ms") > 0);
        Assert.True(Figure(summary, "eventsPerSecond") > 0 && Figure(summary, "seconds") > 0);
    }

    private static double Figure(JsonElement summary, params string[] path) => path.Aggregate(summary, (at, name) => at.GetProperty(name)).GetDouble();
}
