using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using OrleansMl.Testing;

namespace OrleansMl.Gateway.Tests;

public class SystemTests
{
    [Fact]
    public async Task Every_mapped_route_is_in_the_OpenAPI_document_and_the_other_way_round()
    {
        await using var host = await GatewayHost.StartAsync();
        var document = (await host.GetAsync("/openapi/v1.json")).Json;
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}")).Order().ToList();
        var mapped = host.Endpoints.SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText}")).Order().ToList();
        Assert.Equal(mapped, described);
        Assert.True(mapped.Count > 40, "routes are missing");
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);

        var names = document.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(schema => schema.Name).ToHashSet();
        var referred = References(document).ToHashSet();
        Assert.Empty(referred.Except(names));
        Assert.Empty(names.Except(referred));
        var ids = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(operation => operation.Value.GetProperty("operationId").GetString()).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("GET", "/api/v1/applications", null, "ApplicationPage")]
    [InlineData("GET", "/api/v1/applications/shop", null, "AppliedApplication")]
    [InlineData("POST", "/api/v1/applications", "name: x", "ApplyResult")]
    [InlineData("GET", "/api/v1/models", null, "ModelPage")]
    [InlineData("GET", "/api/v1/models/electricity", null, "Model")]
    [InlineData("GET", "/api/v1/models/electricity/versions/1", null, "Version")]
    [InlineData("GET", "/api/v1/models/electricity/aliases", null, "AliasList")]
    [InlineData("PUT", "/api/v1/models/electricity/aliases/champion", """{"version":"1","expected":"2"}""", "Alias")]
    [InlineData("GET", "/api/v1/models/electricity/promotions", null, "PromotionPage")]
    [InlineData("POST", "/api/v1/models/electricity/rollback", "{}", "Promotion")]
    [InlineData("GET", "/api/v1/models/electricity/rollouts", null, "RolloutPage")]
    [InlineData("GET", "/api/v1/models/electricity/rollouts/3", null, "Rollout")]
    [InlineData("POST", "/api/v1/models/electricity/rollouts", """{"candidate":"2","reason":"x"}""", "Rollout")]
    [InlineData("POST", "/api/v1/models/electricity/rollouts/3/pause", null, "Rollout")]
    [InlineData("GET", "/api/v1/models/electricity/learner", null, "Learner")]
    [InlineData("POST", "/api/v1/models/electricity/predict", """{"include":["features"]}""", "PredictResponse")]
    [InlineData("GET", "/api/v1/predictions", null, "PredictionPage")]
    [InlineData("GET", "/api/v1/predictions/p1", null, "LoggedPrediction")]
    [InlineData("POST", "/api/v1/events", """{"id":"e","entity":{"type":"a","id":"1"},"type":"seen"}""", "IngestResult")]
    [InlineData("POST", "/api/v1/outcomes", """{"id":"e","predictionId":"1","value":1}""", "OutcomesResult")]
    [InlineData("POST", "/api/v1/features/read", """{"entity":{"type":"a","id":"1"},"features":["a:b"]}""", "FeatureReading")]
    [InlineData("POST", "/api/v1/jobs", """{"kind":"batchPredict","model":"electricity","dataset":"d1"}""", "Job")]
    [InlineData("GET", "/api/v1/jobs", null, "JobPage")]
    [InlineData("GET", "/api/v1/jobs/failed", null, "Job")]
    [InlineData("GET", "/api/v1/jobs/succeeded", null, "Job")]
    [InlineData("GET", "/api/v1/jobs/failed/manifest", null, "JobManifest")]
    [InlineData("GET", "/api/v1/jobs/failed/log", null, "JobLogPage")]
    [InlineData("GET", "/api/v1/datasets/d1", null, "Dataset")]
    [InlineData("POST", "/api/v1/evaluations", """{"model":"electricity"}""", "Job")]
    [InlineData("GET", "/api/v1/evaluations", null, "JobPage")]
    [InlineData("GET", "/api/v1/models/electricity/quality", null, "ModelQuality")]
    [InlineData("GET", "/api/v1/status", null, "Status")]
    [InlineData("GET", "/api/v1/health/live", null, "Live")]
    [InlineData("GET", "/health/ready", null, "Ready")]
    [InlineData("GET", "/v2", null, "ServerMetadata")]
    [InlineData("GET", "/v2/health/ready", null, "ServerReady")]
    [InlineData("GET", "/v2/models/simple", null, "ModelMetadata")]
    [InlineData("GET", "/v2/models/simple/ready", null, "ModelReady")]
    [InlineData("POST", "/v2/models/identity/infer", """{"id":"1","inputs":[{"name":"A","shape":[1],"datatype":"FP32","data":[1.5]}]}""", "InferResponse")]
    [InlineData("POST", "/v2/models/identity/infer", "{", "OpenInferenceError")]
    [InlineData("POST", "/api/v1/events", "{", "Problem")]
    [InlineData("GET", "/nowhere", null, "Problem")]
    public async Task Answers_fit_their_schemas(string method, string path, string? body, string schema)
    {
        await using var host = await GatewayHost.StartAsync();
        var check = new SchemaCheck((await host.GetAsync("/openapi/v1.json")).Json);
        var answer = await host.SendAsync(method, path, body, body == "name: x" ? "application/yaml" : "application/json");
        Assert.Null(check.WhyNot(schema, answer.Json));
    }

    [Fact]
    public async Task Request_bodies_of_the_templates_fit_their_schemas()
    {
        await using var host = await GatewayHost.StartAsync();
        var check = new SchemaCheck((await host.GetAsync("/openapi/v1.json")).Json);
        var templates = new BodyTemplates();
        foreach (var (schema, body) in new[] { ("Event", templates.Event), ("Outcome", templates.Outcome), ("PredictRequest", templates.Predict), ("FeatureRead", templates.FeatureRead), ("Application", templates.Application), ("InferRequest", templates.Infer) })
            Assert.Null(check.WhyNot(schema, JsonDocument.Parse(body).RootElement));
        Assert.NotNull(check.WhyNot("Event", JsonDocument.Parse("{}").RootElement));
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/api/v1/nowhere", 404)]
    [InlineData("GET", "/api/v1/erasures", 404)]
    [InlineData("GET", "/api/v1/jobs/none/result", 404)]
    [InlineData("PUT", "/api/v1/jobs", 405)]
    [InlineData("DELETE", "/api/v1/entities/client/42", 404)]
    [InlineData("DELETE", "/api/v1/events", 405)]
    [InlineData("POST", "/api/v1/status", 405)]
    public async Task What_is_not_there_is_a_problem(string method, string path, int status)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.SendAsync(method, path);
        Assert.Equal((status, "application/problem+json", status), (answer.Status, answer.ContentType, answer["status"].GetInt32()));
        Assert.Equal(status == 405, answer.Headers.ContainsKey("Allow"));
    }

    [Fact]
    public async Task Metrics_count_requests_by_route_and_items_by_status()
    {
        await using var host = await GatewayHost.StartAsync();
        await host.PostLinesAsync("/api/v1/events", """{"id":"e1","entity":{"type":"a","id":"1"},"type":"seen"}""", "x");
        await host.PostAsync("/api/v1/models/electricity/predict", "{}");
        await host.PostAsync("/api/v1/models/someone/predict", "{}");
        await host.GetAsync("/nowhere");

        var answer = await host.GetAsync("/metrics");
        var lines = answer.Body.Split('\n');
        Assert.Equal("text/plain", answer.ContentType);
        Assert.Contains("""oml_http_events_total{status="accepted"} 1""", lines);
        Assert.Contains("""oml_http_events_total{status="rejected"} 1""", lines);
        Assert.Contains("""oml_http_predictions_total{model="electricity",result="ok"} 1""", lines);
        Assert.Contains("""oml_http_predictions_total{model="unknown",result="unknown_model"} 1""", lines);
        Assert.Contains("""oml_http_requests_total{route="/api/v1/events",method="POST",status="200"} 1""", lines);
        Assert.Contains("""oml_http_requests_total{route="none",method="GET",status="404"} 1""", lines);
        Assert.Contains("""oml_http_request_duration_seconds_bucket{route="/api/v1/events",method="POST",le="+Inf"} 1""", lines);
        Assert.Contains("""oml_http_request_duration_seconds_count{route="/api/v1/events",method="POST"} 1""", lines);
        Assert.Contains("# TYPE oml_http_request_duration_seconds histogram", lines);
        var buckets = lines.Where(line => line.StartsWith("oml_http_request_duration_seconds_bucket{route=\"/api/v1/events\"", StringComparison.Ordinal)).Select(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(buckets.Order(), buckets);
    }

    [Fact]
    public async Task The_status_names_engine_version_silos_and_packages()
    {
        await using var host = await GatewayHost.StartAsync(options =>
        {
            options.Engine = "standin";
            options.ProductVersion = "9.9.9";
            options.Packages["Microsoft.Orleans.Server"] = "stand-in";
            options.Silos = () => ["S127.0.0.1:1", "S127.0.0.1:2"];
        });
        Assert.Equal("""{"engine":"standin","version":"9.9.9","ready":true,"silos":[{"address":"S127.0.0.1:1"},{"address":"S127.0.0.1:2"}],"packages":[{"name":"Microsoft.Orleans.Server","version":"stand-in"}]}""",
            (await host.GetAsync("/api/v1/status")).Body);
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => member.Name == "$ref" ? [member.Value.GetString()!.Split('/')[^1]] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
