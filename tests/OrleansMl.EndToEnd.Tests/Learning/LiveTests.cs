using System.Globalization;
using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>The shop's live model by its own file: what is bought changes the next answer.</summary>
public sealed class LiveTests : IDisposable
{
    private const string Predict = "/api/v1/models/recommend/predict";

    private static readonly string[] Products = ["ball", "net", "drum", "flute", "novel"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_purchase_raises_the_revision_of_the_answers_and_the_product_in_them()
    {
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--app", Places.Sample("shop"));
        var api = server.Api;
        await TeachAsync(api);
        var before = await UntilAsync(api, "c1", 200);

        (await api.PostAsync("/api/v1/events", """{"id":"e1","entity":{"type":"customer","id":"c1"},"type":"purchased","fields":{"product":"flute","price":12}}""")).Done();
        var after = await UntilAsync(api, "c1", before.GetProperty("revision").GetInt64() + 1);

        Assert.Equal("1", after.GetProperty("modelVersion").GetString());
        Assert.True(ScoreOf(after, "flute") > ScoreOf(before, "flute"), $"{before} {after}");
        var logged = (await api.GetAsync($"/api/v1/predictions/{after.GetProperty("predictionId").GetString()}")).Done();
        Assert.Equal(after.GetProperty("revision").GetInt64(), logged.Body.GetProperty("revision").GetInt64());
        Assert.Contains("oml_learner_revision_lag", (await api.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    /// <summary>Forty customers are shown five products each, and the truth about each is told: the bootstrap of the sample.</summary>
    private static async Task TeachAsync(Api api)
    {
        var customers = Enumerable.Range(0, 40).Select(i => $"c{i}").ToArray();
        (await api.PostAsync(Predict, Fleet.Lines(customers.Select(Request)), Api.Ndjson)).Done();
        var outcomes = customers.SelectMany((customer, i) => Products.Select((product, j) => string.Create(CultureInfo.InvariantCulture,
            $$$"""{"id":"{{{customer}}}-{{{product}}}","entity":{"type":"customer","id":"{{{customer}}}"},"target":"bought","subject":"{{{product}}}","value":{{{((i + j) % 3 == 0 ? 1 : 0)}}}}""")));
        Assert.Equal("200", (await api.PostAsync("/api/v1/outcomes", Fleet.Lines(outcomes), Api.Ndjson)).Done()["accepted"]);
    }

    private static string Request(string customer)
    {
        var candidates = Products.Select(product => $$$"""{"entity":{"type":"product","id":"{{{product}}}"}}""");
        return $$$"""{"entity":{"type":"customer","id":"{{{customer}}}"},"candidates":[{{{string.Join(',', candidates)}}}]}""";
    }

    /// <summary>Asks until the answer is of at least this revision.</summary>
    private static async Task<JsonElement> UntilAsync(Api api, string customer, long revision)
    {
        JsonElement answer = default;
        await Eventually.IsAsync(async () =>
        {
            answer = (await api.PostAsync(Predict, Request(customer))).Done().Body;
            return answer.TryGetProperty("revision", out var at) && at.GetInt64() >= revision ? null : $"it is not of revision {revision}: {answer}";
        });
        return answer;
    }

    private static double ScoreOf(JsonElement answer, string product) =>
        answer.GetProperty("ranked").EnumerateArray().Single(c => c.GetProperty("entity").GetProperty("id").GetString() == product).GetProperty("score").GetDouble();
}
