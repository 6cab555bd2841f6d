using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>Repeats, probes, metrics, the OpenAPI document.</summary>
public sealed partial class SurfaceTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private ServerProcess _server = null!;

    private Api Api => _server.Api;

    public async Task InitializeAsync() => _server = await ServerProcess.StartAsync(_folder.At("data"), "--app", _folder.Write("fleet.yaml", Fleet.Yaml));

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_same_idempotency_key_gets_the_same_answer_and_another_body_under_it_a_conflict()
    {
        var first = (await Api.PostAsync("/api/v1/events", Fleet.Reading("i1", "d", 4), Api.Json, ("Idempotency-Key", "k1"))).Done();
        var again = (await Api.PostAsync("/api/v1/events", Fleet.Reading("i1", "d", 4), Api.Json, ("Idempotency-Key", "k1"))).Done();

        Assert.Equal(first.Text, again.Text);
        Assert.Equal((false, true), (first.Replayed, again.Replayed));
        Assert.Equal("1", again["accepted"]);
        (await Api.PostAsync("/api/v1/events", Fleet.Reading("i1", "d", 5), Api.Json, ("Idempotency-Key", "k1"))).Is(409);
        Assert.Equal(4, await Fleet.FeatureAsync(Api, "d", "total:sum"));
    }

    [Fact]
    public async Task A_repeated_request_id_gets_the_same_prediction_also_after_a_kill()
    {
        var first = (await Api.PostAsync("/api/v1/models/risk/predict", Fleet.Predict("d", 1.5, "q1", ",\"include\":[\"features\"]"))).Done();
        (await Api.PostAsync("/api/v1/events", Fleet.Reading("q", "d", 4))).Done();

        var again = (await Api.PostAsync("/api/v1/models/risk/predict", Fleet.Predict("d", 1.5, "q1", ",\"include\":[\"features\"]"))).Done();
        Assert.Equal(first.Text, again.Text);
        await _server.KillAsync();
        await _server.DisposeAsync();
        _server = await ServerProcess.StartAsync(_folder.At("data"));
        Assert.Equal(first.Text, (await Api.PostAsync("/api/v1/models/risk/predict", Fleet.Predict("d", 1.5, "q1", ",\"include\":[\"features\"]"))).Done().Text);
        var other = (await Api.PostAsync("/api/v1/models/risk/predict", Fleet.Predict("d", 1.5, "q2"))).Done();
        Assert.NotEqual(first["predictionId"], other["predictionId"]);
    }

    [Fact]
    public async Task Probes_and_documents_answer_with_JSON()
    {
        string[] paths =
        [
            "/health/live", "/health/ready", "/api/v1/health/live", "/api/v1/health/ready", "/api/v1/status",
            "/openapi/v1.json", "/api/v1/openapi/v1.json", "/v2", "/v2/health/live", "/v2/health/ready",
        ];
        foreach (var path in paths)
        {
            var answer = (await Api.GetAsync(path)).Is(200);
            Assert.Equal(Api.Json, answer.Type);
            Assert.NotEmpty(answer.Body.EnumerateObject());
        }
    }

    [Fact]
    public async Task Status_tells_engine_version_silos_and_every_package()
    {
        var status = (await Api.GetAsync("/api/v1/status")).Done().Body;

        Assert.Equal(_server.Word("engine"), status.GetProperty("engine").GetString());
        Assert.NotEmpty(status.GetProperty("version").GetString()!);
        Assert.Equal(1, status.GetProperty("silos").GetArrayLength());
        Assert.Contains(status.GetProperty("packages").EnumerateArray(), package => package.GetProperty("name").GetString()!.Contains("Orleans", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_count_what_was_done()
    {
        (await Api.PostAsync("/api/v1/events", Fleet.Lines(Enumerable.Range(0, 7).Select(i => Fleet.Reading($"m{i}", "d", i))), Api.Ndjson)).Done();
        var before = (await Api.PostAsync("/api/v1/models/risk/predict", Fleet.Predict("d", 1))).Done();
        (await Api.PostAsync("/api/v1/outcomes", Fleet.Outcome("mo", before["predictionId"]!, true))).Done();

        var metrics = (await Api.GetAsync("/metrics")).Is(200);

        Assert.Equal("text/plain", metrics.Type);
        var samples = metrics.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToArray();
        Assert.All(samples, line => Assert.Matches(Sample(), line));
        // Once by the gateway and once by the silo, each under its own name.
        Assert.Equal([7, 7], Values(samples, "oml_events_total", "accepted").Concat(Values(samples, "oml_http_events_total", "accepted")));
        Assert.Equal([1, 1], Values(samples, "oml_predictions_total", "risk").Concat(Values(samples, "oml_http_predictions_total", "risk")));
        Assert.Equal([1, 1], Values(samples, "oml_outcomes_total", "joined").Concat(Values(samples, "oml_http_outcomes_total", "joined")));
    }

    [Fact]
    public async Task The_OpenAPI_document_has_every_route_that_these_tests_use()
    {
        string[] used =
        [
            "post /api/v1/events", "post /api/v1/outcomes", "post /api/v1/features/read", "get /api/v1/entities/{type}/{id}/features",
            "post /api/v1/models/{model}/predict", "get /api/v1/predictions", "get /api/v1/predictions/{id}",
            "post /api/v1/applications", "get /api/v1/applications", "get /api/v1/applications/{application}",
            "get /api/v1/models", "get /api/v1/models/{model}", "post /api/v1/models/{model}/versions", "get /api/v1/models/{model}/versions/{version}", "delete /api/v1/models/{model}/versions/{version}",
            "get /api/v1/models/{model}/versions/{version}/artifact", "post /api/v1/models/{model}/versions/{version}/load",
            "put /api/v1/models/{model}/aliases/{alias}", "get /api/v1/models/{model}/promotions", "post /api/v1/models/{model}/promotions", "post /api/v1/models/{model}/rollback",
            "get /api/v1/models/{model}/traffic", "put /api/v1/models/{model}/traffic", "get /api/v1/models/{model}/learner", "post /api/v1/models/{model}/learner/snapshot",
            "get /api/v1/status", "get /health/live", "get /health/ready", "get /metrics", "get /openapi/v1.json",
            "get /v2", "get /v2/health/live", "get /v2/health/ready", "get /v2/models/{model}", "get /v2/models/{model}/ready", "post /v2/models/{model}/infer", "post /v2/models/{model}/versions/{version}/infer",
        ];

        var paths = (await Api.GetAsync("/openapi/v1.json")).Done().Body.GetProperty("paths");

        var told = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name} {path.Name}")).ToHashSet();
        Assert.Empty(used.Except(told));
        // and each of them is mapped: a GET without parameters answers with 200, or with 501 where the document promises nothing else
        foreach (var path in told.Where(route => route.StartsWith("get ", StringComparison.Ordinal) && !route.Contains('{', StringComparison.Ordinal)).Select(route => route[4..]))
            (await Api.GetAsync(path)).Is(paths.GetProperty(path).GetProperty("get").GetProperty("responses").TryGetProperty("200", out _) ? 200 : 501);
    }

    [Fact]
    public async Task Entity_ids_of_any_text_are_found_again()
    {
        string[] ids = ["a/b", "a b", "ü", "日本", "100%", "..", "a?b#c", "'\"", new string('x', 256)];
        foreach (var (id, number) in ids.Select((id, i) => (id, i)))
        {
            var body = Fleet.Reading($"t{number}", "@", 1).Replace("\"@\"", System.Text.Json.JsonSerializer.Serialize(id), StringComparison.Ordinal);
            (await Api.PostAsync("/api/v1/events", body)).Done();
        }

        foreach (var id in ids)
        {
            var read = await Api.PostAsync("/api/v1/features/read", $$"""{"entity":{"type":"device","id":{{System.Text.Json.JsonSerializer.Serialize(id)}}},"features":["total:n"]}""");
            Assert.Equal(id, read.Done().Body.GetProperty("entity").GetProperty("id").GetString());
            Assert.Equal(1, read.Body.GetProperty("features")[0].GetProperty("value").GetDouble());
        }

        Assert.Equal(1, await Fleet.FeatureAsync(Api, "a/b", "total:n"));
    }

    private static IEnumerable<double> Values(string[] samples, string name, string label) => samples
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains($"\"{label}\"", StringComparison.Ordinal))
        .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-z_]+=""(?:[^""\\]|\\.)*""(,[a-z_]+=""(?:[^""\\]|\\.)*"")*\})? [-+0-9.eE]+(Inf|NaN)?( \d+)?$")]
    private static partial Regex Sample();
}
