using System.Text.Json;

namespace OrleansMl.Gateway.Tests;

public sealed class LineageTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_version_says_what_it_comes_from_and_what_came_of_it()
    {
        var made = await _host.GetAsync("/api/v1/models/electricity/versions/2/lineage");
        Assert.Equal((200, "2", "1", "j1", "d1", 500), (made.Status, made["version"].GetString(), made["parent"].GetString(), made["job"].GetString(), made["dataset"].GetString(), made["rows"].GetInt32()));
        Assert.Equal("""{"type":"logistic_regression","params":{"epochs":2}}""", made["trainer"].GetRawText());
        Assert.Equal(JsonValueKind.Null, made["window"].GetProperty("to").ValueKind);
        var registered = await _host.GetAsync("/api/v1/models/electricity/versions/1/lineage");
        Assert.Equal(["2"], registered["children"].EnumerateArray().Select(child => child.GetString()));
        Assert.False(made["datasetGone"].GetBoolean());
        Assert.Equal("""{"measure":"gain","columns":[{"column":"price","importance":0.75},{"column":"day=3","importance":0.25}]}""", made["importances"].GetRawText());
        Assert.All(new[] { "job", "dataset", "datasetGone", "rows", "window", "trainer", "seed", "plan", "importances" }, member => Assert.Equal(JsonValueKind.Null, registered[member].ValueKind));
    }

    [Fact]
    public async Task A_data_set_says_which_versions_came_of_it_by_model_and_number_page_by_page()
    {
        var first = await _host.GetAsync("/api/v1/datasets/d1/lineage?limit=2");
        Assert.Equal(["demand 9", "electricity 2"], Names(first));
        Assert.Equal([true, false], first["items"].EnumerateArray().Select(item => item.GetProperty("datasetGone").GetBoolean()));
        Assert.Equal(["electricity 12"], Names(await _host.GetAsync($"/api/v1/datasets/d1/lineage?limit=2&pageToken={Uri.EscapeDataString(first["nextPageToken"].GetString()!)}")));

        static IEnumerable<string> Names(Answer page) => page["items"].EnumerateArray().Select(item => $"{item.GetProperty("model").GetString()} {item.GetProperty("version").GetString()}");
    }

    [Theory]
    [InlineData("/api/v1/models/electricity/versions/9/lineage", 404, "unknown_version")]
    [InlineData("/api/v1/models/electricity/versions/x/lineage", 404, "unknown_version")]
    [InlineData("/api/v1/datasets/none/lineage", 404, "unknown_dataset")]
    [InlineData("/api/v1/datasets/d1/lineage?limit=0", 400, "invalid")]
    public async Task What_is_not_there_is_told(string path, int status, string code)
    {
        var answer = await _host.GetAsync(path);
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task A_retraining_is_a_job_with_its_window_and_its_trainer()
    {
        var made = await _host.PostAsync("/api/v1/jobs", """{"kind":"retrain","model":"electricity","window":{"last":"30d"},"trainer":{"type":"gbdt","params":{}},"params":{"promote":"register"},"seed":4}""");
        Assert.Equal((202, "retrain"), (made.Status, made["kind"].GetString()));
        Assert.Equal("""{"last":"30d"}""", made["window"].GetRawText());
        Assert.Equal("""{"type":"gbdt","params":{}}""", made["trainer"].GetRawText());
    }
}
