using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Gateway.OpenApi;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;

namespace OrleansMl.Gateway.Api;

/// <summary>Status, health, metrics and the OpenAPI document: under <c>/api/v1</c>, and at the root where probes look for them.</summary>
internal sealed class SystemOperations(IControlService control, Readiness readiness, MetricsCollector metrics, OpenApiDocument document, IOptions<GatewayOptions> options) : IOperationGroup
{
    public IEnumerable<Operation> Operations =>
    [
        .. At("/api/v1"),
        .. At(""),
    ];

    private IEnumerable<Operation> At(string root) =>
    [
        new("GET", root + "/status", GatewayRoles.Predict, StatusAsync, "Engine, version, silos and packages.") { Answers = [new(200, "The status.", "Status")] },
        new("GET", root + "/health/live", GatewayRoles.None, LiveAsync, "The process answers.") { Answers = [new(200, "It does.", "Live")] },
        new("GET", root + "/health/ready", GatewayRoles.None, ReadyAsync, "This silo serves.")
        {
            Answers = [new(200, "It does.", "Ready")],
            Errors = [503],
        },
        new("GET", root + "/metrics", GatewayRoles.Operate, MetricsAsync, "Metrics as Prometheus text.") { Answers = [new(200, "The metrics.", "Text", "text/plain")] },
        new("GET", root + "/openapi/v1.json", GatewayRoles.None, OpenApiAsync, "This document.") { Answers = [new(200, "OpenAPI 3.1.", "Any")] },
    ];

    private Task StatusAsync(HttpContext context) => JsonAnswer.WriteAsync(context, 200, (options.Value, control.WhyNotReady()), static (writer, state) =>
    {
        var (settings, whyNot) = state;
        writer.WriteStartObject();
        writer.WriteString("engine"u8, settings.Engine);
        writer.WriteString("version"u8, settings.ProductVersion);
        writer.WriteBoolean("ready"u8, whyNot is null);
        writer.WriteStartArray("silos"u8);
        foreach (var silo in settings.Silos?.Invoke() ?? ["local"])
        {
            writer.WriteStartObject();
            writer.WriteString("address"u8, silo);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("packages"u8);
        foreach (var (name, value) in settings.Packages)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, name);
            writer.WriteString("version"u8, value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static Task LiveAsync(HttpContext context) => JsonAnswer.WriteAsync(context, 200, true, static (writer, live) =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("live"u8, live);
        writer.WriteEndObject();
    });

    private Task ReadyAsync(HttpContext context)
    {
        if (readiness.WhyNot() is { } why)
            throw new ApiException(OmlError.Unavailable("not_ready", why));
        return JsonAnswer.WriteAsync(context, 200, true, static (writer, ready) =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ready"u8, ready);
            writer.WriteEndObject();
        });
    }

    private Task MetricsAsync(HttpContext context) => JsonAnswer.SendAsync(context, 200, MetricsCollector.ContentType, Encoding.UTF8.GetBytes(metrics.Render()));

    private Task OpenApiAsync(HttpContext context) => JsonAnswer.SendAsync(context, 200, JsonAnswer.Json, document.Bytes);
}
