using System.Text.Json;

namespace OrleansMl.Gateway.Tests;

public sealed class EvaluationTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task An_evaluation_is_a_job_whose_parameters_stand_in_the_body()
    {
        var made = await _host.PostAsync("/api/v1/evaluations",
            """{"model":"electricity","window":{"from":"2026-01-01T00:00:00Z"},"seed":3,"versions":["1","2"],"rescore":true,"slices":["day"],"policy":null}""");
        Assert.Equal((202, "/api/v1/jobs/made", "evaluate"), (made.Status, made.Headers["Location"], made["kind"].GetString()));
        Assert.Equal("""{"versions":["1","2"],"rescore":true,"slices":["day"]}""", made["params"].GetRawText());
        Assert.Equal("""{"from":"2026-01-01T00:00:00Z"}""", made["window"].GetRawText());
        Assert.Equal(3, made["seed"].GetInt32());
        Assert.Equal("evaluate", (await _host.GetAsync("/api/v1/evaluations/made"))["kind"].GetString());
        Assert.Equal((404, "unknown_evaluation"), Said(await _host.GetAsync("/api/v1/evaluations/succeeded")));
        Assert.Equal((404, "unknown_evaluation"), Said(await _host.GetAsync("/api/v1/evaluations/none")));
    }

    [Theory]
    [InlineData("{}", 400, "missing_member")]
    [InlineData("""{"model":"electricity","metric":"x"}""", 400, "unknown_member")]
    [InlineData("""{"model":"electricity","window":"today"}""", 400, "invalid_type")]
    [InlineData("""{"model":"electricity","metrics":["a"],"metrics":["b"]}""", 400, "repeated_member")]
    [InlineData("""{"model":"nothing"}""", 404, "unknown_model")]
    public async Task A_wrong_body_is_told(string body, int status, string code) =>
        Assert.Equal((status, code), Said(await _host.PostAsync("/api/v1/evaluations", body)));

    [Fact]
    public async Task Quality_has_figures_with_intervals_and_null_where_there_is_no_value()
    {
        var quality = await _host.GetAsync("/api/v1/models/electricity/quality?last=50");
        Assert.Equal((200, 50), (quality.Status, _host.Evaluations.Last));
        var (figure, baseline) = (quality["results"][0], quality["results"][1]);
        Assert.Equal(("2", 0.1), (figure.GetProperty("version").GetString(), figure.GetProperty("ci")[0].GetDouble()));
        Assert.Equal(("prior", JsonValueKind.Null, true), (baseline.GetProperty("baseline").GetString(), baseline.GetProperty("value").ValueKind, baseline.GetProperty("slice").GetProperty("small").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, quality["reliability"][0].GetProperty("bins")[0].GetProperty("positiveRate").ValueKind);
        Assert.Equal((400, "invalid"), Said(await _host.GetAsync("/api/v1/models/electricity/quality?last=0")));
        Assert.Equal((404, "unknown_model"), Said(await _host.GetAsync("/api/v1/models/nothing/quality")));
    }

    private static (int, string?) Said(Answer answer) => (answer.Status, answer.Code);
}
