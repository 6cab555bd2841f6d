namespace OrleansMl.EndToEnd.Tests;

/// <summary>Outcomes that cannot be: each with its state and its reason.</summary>
public sealed class BadOutcomeTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_bad_outcome_has_a_status_or_a_reason_and_changes_nothing()
    {
        var yaml = Fleet.Yaml.Replace("default: none}", "default: none, sources: [{name: desk, priority: 9}], unknownSources: refuse}", StringComparison.Ordinal);
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--app", _folder.Write("fleet.yaml", yaml));
        var api = server.Api;
        var id = (await api.PostAsync($"/api/v1/models/{Fleet.Model}/predict", Fleet.Predict("x", 1))).Done()["predictionId"]!;

        Assert.Equal("orphan", await StatusAsync(api, """{"id":"o1","predictionId":"0123456789abcdef0123456789abcdef","value":"fine","source":"desk"}"""));
        Assert.Equal("invalid_value", await CodeAsync(api, $$"""{"id":"o2","predictionId":"{{id}}","value":"maybe","source":"desk"}"""));
        Assert.Equal("invalid_value", await CodeAsync(api, $$"""{"id":"o3","predictionId":"{{id}}","value":2,"source":"desk"}"""));
        Assert.Equal("too_far_in_future", await CodeAsync(api, $$"""{"id":"o4","predictionId":"{{id}}","value":"fine","source":"desk","time":"2999-01-01T00:00:00Z"}"""));
        Assert.Equal("unknown_source", await CodeAsync(api, $$"""{"id":"o5","predictionId":"{{id}}","value":"fine","source":"hearsay"}"""));
        Assert.Equal("unknown_target", await CodeAsync(api, """{"id":"o6","entity":{"type":"device","id":"x"},"target":"nothing","value":1,"source":"desk"}"""));
        Assert.Equal("unknown_entity_type", await CodeAsync(api, """{"id":"o7","entity":{"type":"nobody","id":"x"},"target":"failed","value":1,"source":"desk"}"""));
        foreach (var value in new[] { "NaN", "null", "[1]", "{}", "1e999" })
            (await api.PostAsync("/api/v1/outcomes", "{\"id\":\"o8\",\"predictionId\":\"" + id + "\",\"value\":" + value + "}")).Is(400);
        Assert.Equal("predicted", await StateAsync(api, id));

        Assert.Equal("joined", await StatusAsync(api, $$"""{"id":"o9","predictionId":"{{id}}","value":"fine","source":"desk"}"""));
        Assert.Equal("duplicate", await StatusAsync(api, $$"""{"id":"o9","predictionId":"{{id}}","value":"fine","source":"desk"}"""));
        Assert.Equal("id_conflict", await CodeAsync(api, $$"""{"id":"o9","predictionId":"{{id}}","value":"broken","source":"desk"}"""));
        Assert.Equal("labelled", await StateAsync(api, id));
    }

    private static async Task<string?> StatusAsync(Api api, string outcome) =>
        (await api.PostAsync("/api/v1/outcomes", outcome)).Is(200).Body.GetProperty("results")[0].GetProperty("status").GetString();

    private static async Task<string?> CodeAsync(Api api, string outcome) => (await api.PostAsync("/api/v1/outcomes", outcome)).Is(400)["code"];

    private static async Task<string?> StateAsync(Api api, string id) =>
        (await api.GetAsync($"/api/v1/predictions/{id}")).Done().Body.GetProperty("outcome").GetProperty("state").GetString();
}
